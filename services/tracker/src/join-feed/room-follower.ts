/**
 * Follows the room behind one roomId through one session: reads it, stays in it, comes back when
 * thrown out, lets it end when only we keep it alive. What a stanza means is decided in JoinedRoom;
 * here is decided what to do.
 */
import { hasCode, roomJid } from '@conference/muc';
import { buildDestroyRequest, buildLeave } from '@conference/muc-stanza';
import { backoffDelayMs, delay } from '@conference/service-runtime';
import { JoinAnswers } from './join-answers.js';
import type { JoinOptions } from './join-options.js';
import { JoinedRoom } from './joined-room.js';
import type { RoomEnd } from './joined-room-listener.js';
import { Losses } from './losses.js';
import { probe, readRoom } from './room-reader.js';
import type { ReadResult } from './room-reader.js';
import { RoomRereads } from './room-rereads.js';

/** How following a room came to its end. */
export type FollowerEnd =
  | { readonly kind: 'gone'; readonly isTombstone: boolean }
  | { readonly kind: 'unreadable'; readonly condition: string };

export interface RoomFollowerOptions extends JoinOptions {
  /** Aborts with the session. */
  readonly signal: AbortSignal;
  /** Thrown out again and again, we stay away for a while; and no more, when we are in again. */
  readonly onKeptOut: (isKeptOut: boolean) => void;
  /** At most once; afterwards the follower does nothing more. */
  readonly onEnd: (end: FollowerEnd) => void;
}

/** A read that failed is repeated this often before the room counts as unreadable. */
const READ_ATTEMPTS = 5;
const READ_RETRY = { initialMs: 200, maximumMs: 5_000 };

/** One stay in the room, from the first question to our being out. */
interface Visit {
  readonly joined: JoinedRoom;
  readonly answers: JoinAnswers;
  readonly rereads: RoomRereads;
  /** Set while leaving. */
  onOut: (() => void) | undefined;
}

export class RoomFollower {
  #stage: 'reading' | 'live' | 'watched' | 'leaving' | 'ended' = 'reading';
  #visit: Visit | undefined;
  /** When it went live, ms since 1970: a listing begun before says nothing of it. */
  #liveSinceMs = Number.POSITIVE_INFINITY;
  readonly #losses = new Losses();

  constructor(
    readonly roomId: string,
    private readonly options: RoomFollowerOptions,
  ) {}

  get joined(): JoinedRoom | undefined {
    return this.#visit?.joined;
  }

  /** Followed from outside, so that only asking tells what happens. */
  get isWatched(): boolean {
    return this.#stage === 'watched';
  }

  wasLiveBefore(timeMs: number): boolean {
    return this.#stage === 'live' && this.#liveSinceMs < timeMs;
  }

  /** Reads the room until it is followed or following it ended. Never rejects. */
  async read(): Promise<void> {
    const { signal, logger, random } = this.options;
    for (let attempt = 0; !signal.aborted && this.#stage !== 'ended'; attempt += 1) {
      const visit = this.#beginVisit();
      try {
        const result = await readRoom(visit.joined, {
          requests: this.options.requests,
          nick: this.options.nick,
          awaitJoinAnswer: (send) => visit.answers.await(send),
        });
        if (this.#visit === visit) await this.#settle(visit, result);
        return;
      } catch (err) {
        // Another visit has taken over, or the room ended.
        if (this.#visit !== visit) return;
        logger.warn({ err, roomId: this.roomId, attempt }, 'reading a room failed');
        if (attempt + 1 === READ_ATTEMPTS) {
          const condition = hasCode(err, 'timeout') ? 'timeout' : 'failed';
          this.#end({ kind: 'unreadable', condition });
          return;
        }
        await delay(backoffDelayMs(attempt, READ_RETRY, random()), signal);
      }
    }
  }

  /** Asks whether the room is still there, and what has become of a watched one. Never rejects. */
  async lookAgain(): Promise<void> {
    const visit = this.#visit;
    try {
      const existence = await probe(this.options.requests, this.roomId);
      if (this.#visit !== visit) return;
      if (existence.kind === 'absent') {
        this.#end({ kind: 'gone', isTombstone: existence.isTombstone });
      } else if (this.#stage === 'watched' && existence.kind === 'exists') {
        const { occupants, features } = existence.info;
        if (occupants !== 0 || !features.has('muc_temporary')) await this.read();
        else await visit?.rereads.readFromOutside();
      }
    } catch (err) {
      this.options.logger.warn({ err, roomId: this.roomId }, 'looking for a room failed');
    }
  }

  /** Whether the room keeps people from us, so that only asking tells of them. */
  get hasHiddenPeople(): boolean {
    return this.#stage === 'live' && (this.#visit?.joined.hiddenRoles.length ?? 0) > 0;
  }

  /** Asks for those whom the room hides. Never rejects. */
  async readHiddenPeople(): Promise<void> {
    await this.#visit?.rereads.readHiddenPeople();
  }

  /** Nothing more is told; for the end of the session. */
  end(): void {
    this.#stage = 'ended';
    this.#endVisit();
  }

  /** Leaves politely, without waiting for the answer; nothing more is told. */
  async leave(): Promise<void> {
    const joined = this.#visit?.joined;
    const isIn = joined?.isIn === true;
    this.end();
    if (isIn) await this.#sendLeave(joined);
  }

  async #settle(visit: Visit, result: ReadResult): Promise<void> {
    switch (result.kind) {
      case 'joined':
        if (visit.joined.isAbandoned) await this.#abandon(visit);
        else this.#goLive(visit, 'live');
        return;
      case 'watched':
        this.#goLive(visit, 'watched');
        return;
      case 'created':
        await this.#undoCreation(visit);
        return;
      case 'absent':
        this.#end({ kind: 'gone', isTombstone: result.isTombstone });
        return;
      case 'refused':
        this.#end({ kind: 'unreadable', condition: result.condition });
        return;
    }
  }

  #goLive(visit: Visit, stage: 'live' | 'watched'): void {
    this.#stage = stage;
    this.#liveSinceMs = this.options.now();
    this.options.onKeptOut(false);
    this.options.listener.onRoomRead(visit.joined.room);
    visit.joined.goLive();
  }

  #beginVisit(): Visit {
    this.#endVisit();
    this.#stage = 'reading';
    const { requests, listener, now, nick, logger } = this.options;
    const { roomId } = this;
    const { ownJid, timeoutMs, limit } = requests.options;
    const answers = new JoinAnswers(timeoutMs, limit);
    const joined: JoinedRoom = new JoinedRoom(
      roomId,
      ownJid,
      nick,
      {
        onEvent: (event) => listener.onRoomEvent(roomId, event),
        onDoubtfulDeparture: (nick) => listener.onDoubtfulDeparture(roomId, nick),
        onEnd: (end) => this.#handleEnd(visit, end),
        onJoinAnswer: (answer) => answers.answer(answer),
        onConfigurationChanged: () => void rereads.readConfiguration(),
        onDoubtfulAffiliations: (lists) => void rereads.readLists(lists),
        onDoubtfulRole: (role) => void rereads.readRole(role),
      },
      now,
    );
    const rereads = new RoomRereads(joined, requests, (err) => {
      if (this.#visit !== visit || (this.#stage !== 'live' && this.#stage !== 'watched')) return;
      logger.warn({ err, roomId }, 'asking a room failed; reading it again');
      void this.#readAfterLoss();
    });
    const visit: Visit = { joined, answers, rereads, onOut: undefined };
    this.#visit = visit;
    return visit;
  }

  #endVisit(): void {
    const visit = this.#visit;
    this.#visit = undefined;
    visit?.joined.end();
    visit?.answers.fail();
    visit?.onOut?.();
  }

  #end(end: FollowerEnd): void {
    if (this.#stage === 'ended') return;
    this.end();
    this.options.onEnd(end);
  }

  #handleEnd(visit: Visit, end: RoomEnd): void {
    if (this.#visit !== visit) return;
    if (this.#stage === 'leaving') {
      visit.onOut?.();
      return;
    }
    switch (end) {
      case 'destroyed':
        this.#end({ kind: 'gone', isTombstone: false });
        break;
      case 'lost':
        void this.#readAfterLoss();
        break;
      case 'demoted':
        void this.#leaveAndAwait(visit).then(() =>
          this.#visit === visit ? this.#readAfterLoss() : undefined,
        );
        break;
      case 'abandoned':
        void this.#abandon(visit);
        break;
    }
  }

  /** Comes back at once the first time, and more slowly when thrown out again and again. */
  async #readAfterLoss(): Promise<void> {
    const { now, random, signal, logger, onKeptOut } = this.options;
    this.#endVisit();
    this.#stage = 'reading';
    const pauseMs = this.#losses.count(now(), random());
    if (pauseMs > 0) {
      const { roomId } = this;
      const { repeats } = this.#losses;
      logger.warn({ roomId, repeats, pauseMs }, 'thrown out of a room again; staying away a while');
      onKeptOut(true);
      await delay(pauseMs, signal);
    }
    await this.read();
  }

  async #readAgain(visit: Visit): Promise<void> {
    if (this.#visit === visit) await this.read();
  }

  /** Leaves a temporary room that only we are in, and sees whether it ended. Never rejects. */
  async #abandon(visit: Visit): Promise<void> {
    await this.#leaveAndAwait(visit);
    if (this.#visit !== visit) return;
    try {
      const existence = await probe(this.options.requests, this.roomId);
      if (this.#visit !== visit) return;
      if (existence.kind === 'absent') {
        this.#end({ kind: 'gone', isTombstone: existence.isTombstone });
        return;
      }
      // It was empty when we left, and so it ended: what is there now is another room, unless
      // somebody came in before we were out.
      if (!visit.joined.hasComeWhileLeaving) this.options.listener.onRoomGone(this.roomId);
    } catch (err) {
      this.options.logger.warn({ err, roomId: this.roomId }, 'asking an abandoned room failed');
    }
    await this.#readAgain(visit);
  }

  /** Our join came a moment too late and made a room: it must not stay. */
  async #undoCreation(visit: Visit): Promise<void> {
    const { requests } = this.options;
    const { ownJid, mucService } = requests.options;
    await this.#leaveAndAwait(visit);
    const existence = await probe(requests, this.roomId);
    if (this.#visit !== visit) return;
    if (existence.kind === 'exists' && existence.info.occupants !== 0) {
      await this.#readAgain(visit);
      return;
    }
    if (existence.kind === 'exists') {
      const iq = buildDestroyRequest(ownJid, roomJid(this.roomId, mucService));
      await requests.ask(iq, () => undefined);
    }
    if (this.#visit === visit) this.#end({ kind: 'gone', isTombstone: false });
  }

  /** Resolves when we are out, or by the deadline. */
  async #leaveAndAwait(visit: Visit): Promise<void> {
    const { requests, signal } = this.options;
    this.#stage = 'leaving';
    visit.joined.beginLeaving();
    const out = new AbortController();
    visit.onOut = () => out.abort();
    await this.#sendLeave(visit.joined);
    await delay(requests.options.timeoutMs, AbortSignal.any([out.signal, signal]));
  }

  async #sendLeave(joined: JoinedRoom): Promise<void> {
    const { connection, ownJid, mucService } = this.options.requests.options;
    const to = roomJid(this.roomId, mucService);
    try {
      await connection.send(buildLeave({ from: ownJid, roomJid: to, nick: joined.nick }));
    } catch (err) {
      this.options.logger.debug({ err, roomId: this.roomId }, 'leaving a room failed');
    }
  }
}
