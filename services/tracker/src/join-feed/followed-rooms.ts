/**
 * Every room of one session, each with where it stands: being read, followed, watched from
 * outside, on the way out, a tombstone, or unreadable. Decides what to do when a room ends, changes
 * or shows up; what a room's stanzas mean is decided in JoinedRoom.
 */
import { hasCode, roomJid } from '@conference/muc';
import type { ListedAffiliation } from '@conference/muc';
import { buildDestroyRequest, buildLeave } from '@conference/muc-stanza';
import type { RoomMessage, RoomPresence } from '@conference/muc-stanza';
import { backoffDelayMs, delay } from '@conference/service-runtime';
import pLimit from 'p-limit';
import type { LimitFunction } from 'p-limit';
import { JoinAnswers } from './join-answers.js';
import type { JoinSessionOptions } from './join-session.js';
import { JoinedRoom } from './joined-room.js';
import type { RoomEnd } from './joined-room.js';
import { probe, readRoom } from './room-reader.js';
import type { ReadResult } from './room-reader.js';

/** A read that failed is repeated this often before the room counts as unreadable. */
const READ_ATTEMPTS = 5;
const READ_RETRY = { initialMs: 200, maximumMs: 5_000 };
const UNREADABLE_RETRY_MS = 30_000;
/** Being thrown out again within this time makes us come back more slowly. */
const LOSS_MEMORY_MS = 60_000;
const LOSS_BACKOFF = { initialMs: 500, maximumMs: 30_000 };
/** How many tombstones are looked at again with each poll. */
const TOMBSTONES_PER_POLL = 20;

interface Followed {
  readonly joined: JoinedRoom;
  readonly answers: JoinAnswers;
  stage: 'reading' | 'live' | 'watched' | 'leaving';
  /** When it went live, ms since 1970: a listing begun before says nothing of it. */
  liveSinceMs: number;
  /** Resolves when we are out, while leaving. */
  onOut: (() => void) | undefined;
  readonly doubtfulLists: Set<ListedAffiliation>;
}

export interface FollowedRoomsOptions extends JoinSessionOptions {
  readonly signal: AbortSignal;
}

export class FollowedRooms {
  readonly #followed = new Map<string, Followed>();
  /** Bounds how many rooms are read at a time; the requests have a bound of their own. */
  readonly #readLimit: LimitFunction;
  readonly #tombstones = new Set<string>();
  /** roomId → when to try again, ms since 1970. */
  readonly #unreadable = new Map<string, number>();
  readonly #losses = new Map<string, { count: number; lastMs: number }>();

  constructor(private readonly options: FollowedRoomsOptions) {
    this.#readLimit = pLimit(options.requests.options.limit.concurrency);
  }

  handlePresence(presence: RoomPresence): void {
    this.#followed.get(presence.roomId)?.joined.handlePresence(presence);
  }

  handleMessage(message: RoomMessage): void {
    this.#followed.get(message.roomId)?.joined.handleMessage(message);
  }

  /** Reads a room until it is followed, gone or unreadable. Never throws. */
  async read(roomId: string): Promise<void> {
    await this.#readLimit(() => this.#readWithRetries(roomId));
  }

  /**
   * Settles the difference between what is followed and what a listing says.
   * @param startedMs when the listing was asked for.
   */
  async compareWithListing(listed: ReadonlySet<string>, startedMs: number): Promise<void> {
    const { now } = this.options;
    const work: Promise<void>[] = [];
    for (const roomId of listed) {
      if (this.#followed.has(roomId) || this.#tombstones.has(roomId)) continue;
      if ((this.#unreadable.get(roomId) ?? 0) <= now()) void this.read(roomId);
    }
    for (const [roomId, { stage, liveSinceMs }] of this.#followed) {
      const isMissing = stage === 'live' && !listed.has(roomId) && liveSinceMs < startedMs;
      if (isMissing || stage === 'watched') work.push(this.#lookAgain(roomId));
    }
    for (const roomId of this.#unreadable.keys()) {
      if (listed.has(roomId)) continue;
      this.#unreadable.delete(roomId);
      this.options.listener.onRoomGone(roomId);
    }
    for (const roomId of this.#tombstones) if (!listed.has(roomId)) this.#tombstones.delete(roomId);
    for (const roomId of [...this.#tombstones].slice(0, TOMBSTONES_PER_POLL)) {
      this.#tombstones.delete(roomId); // Behind the others, if it still is one.
      work.push(this.read(roomId));
    }
    this.options.metrics.setUnreadableRooms(this.#unreadable.size);
    await Promise.all(work);
  }

  endAll(): void {
    for (const { joined, answers } of this.#followed.values()) {
      joined.end();
      answers.fail();
    }
    this.#followed.clear();
  }

  async leaveAll(): Promise<void> {
    const entered = [...this.#followed.values()].filter(({ joined }) => joined.isIn);
    for (const { joined } of this.#followed.values()) joined.end();
    await Promise.all(entered.map(({ joined }) => this.#sendLeave(joined)));
    this.endAll();
  }

  async #readWithRetries(roomId: string): Promise<void> {
    const { signal, logger, listener, now, random } = this.options;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      if (this.#followed.has(roomId)) return;
      const followed = this.#begin(roomId);
      try {
        const result = await readRoom(followed.joined, {
          requests: this.options.requests,
          nick: this.options.nick,
          awaitJoinAnswer: (send) => followed.answers.await(send),
        });
        if (this.#isCurrent(followed)) await this.#settle(followed, result);
        return;
      } catch (err) {
        if (!this.#isCurrent(followed)) return;
        this.#drop(followed);
        logger.warn({ err, roomId, attempt }, 'reading a room failed');
        if (attempt + 1 === READ_ATTEMPTS) {
          this.#unreadable.set(roomId, now() + UNREADABLE_RETRY_MS);
          listener.onRoomUnreadable(roomId, hasCode(err, 'timeout') ? 'timeout' : 'failed');
          return;
        }
        await delay(backoffDelayMs(attempt, READ_RETRY, random()), signal);
      }
    }
  }

  async #settle(followed: Followed, result: ReadResult): Promise<void> {
    const { listener, logger, now } = this.options;
    const { joined } = followed;
    const { roomId } = joined.room;
    this.#unreadable.delete(roomId);
    switch (result.kind) {
      case 'joined':
        if (joined.isAbandoned) return this.#abandon(followed);
        return this.#goLive(followed, 'live');
      case 'watched':
        return this.#goLive(followed, 'watched');
      case 'created':
        return this.#undoCreation(followed);
      case 'absent':
        this.#drop(followed);
        if (result.isTombstone) this.#tombstones.add(roomId);
        listener.onRoomGone(roomId);
        return;
      case 'refused': {
        this.#drop(followed);
        // A room that its creator is still configuring is locked: it opens within moments.
        // @see XEP-0045, Creating a Room, #createroom
        const isLocked = result.condition === 'item-not-found';
        this.#unreadable.set(roomId, isLocked ? 0 : now() + UNREADABLE_RETRY_MS);
        if (!isLocked) {
          logger.warn({ roomId, condition: result.condition }, 'the room cannot be read');
        }
        listener.onRoomUnreadable(roomId, result.condition);
        return;
      }
    }
  }

  #goLive(followed: Followed, stage: 'live' | 'watched'): void {
    followed.stage = stage;
    followed.liveSinceMs = this.options.now();
    this.options.listener.onRoomRead(followed.joined.room);
    followed.joined.goLive();
  }

  #begin(roomId: string): Followed {
    const { requests, listener, now, nick } = this.options;
    const { ownJid, timeoutMs, limit } = requests.options;
    const answers = new JoinAnswers(timeoutMs, limit);
    const followed: Followed = {
      joined: new JoinedRoom(
        roomId,
        ownJid,
        nick,
        {
          onEvent: (event) => listener.onRoomEvent(roomId, event),
          onEnd: (end) => this.#handleEnd(followed, end),
          onJoinAnswer: (answer) => answers.answer(answer),
          onConfigurationChanged: () => void this.#readConfiguration(followed),
          onDoubtfulAffiliations: (lists) => void this.#readLists(followed, lists),
        },
        now,
      ),
      answers,
      stage: 'reading',
      liveSinceMs: 0,
      onOut: undefined,
      doubtfulLists: new Set(),
    };
    this.#followed.set(roomId, followed);
    return followed;
  }

  #isCurrent(followed: Followed): boolean {
    return this.#followed.get(followed.joined.room.roomId) === followed;
  }

  #drop(followed: Followed): void {
    followed.joined.end();
    followed.answers.fail();
    if (this.#isCurrent(followed)) this.#followed.delete(followed.joined.room.roomId);
  }

  #handleEnd(followed: Followed, end: RoomEnd): void {
    if (!this.#isCurrent(followed)) return;
    const { roomId } = followed.joined.room;
    if (followed.stage === 'leaving') {
      followed.onOut?.();
      return;
    }
    switch (end) {
      case 'destroyed':
        this.#drop(followed);
        this.options.listener.onRoomGone(roomId);
        break;
      case 'lost':
        this.#drop(followed);
        void this.#readAfterLoss(roomId);
        break;
      case 'demoted':
        void this.#leave(followed).then(() => this.#readAgain(followed));
        break;
      case 'abandoned':
        void this.#abandon(followed);
        break;
    }
  }

  /** Comes back at once the first time, and more slowly when thrown out again and again. */
  async #readAfterLoss(roomId: string): Promise<void> {
    const { now, random, signal } = this.options;
    const loss = this.#losses.get(roomId);
    const isRepeated = loss !== undefined && now() - loss.lastMs < LOSS_MEMORY_MS;
    const count = isRepeated ? loss.count + 1 : 0;
    this.#losses.set(roomId, { count, lastMs: now() });
    if (isRepeated) await delay(backoffDelayMs(count, LOSS_BACKOFF, random()), signal);
    await this.read(roomId);
  }

  async #readAgain(followed: Followed): Promise<void> {
    if (!this.#isCurrent(followed)) return;
    this.#drop(followed);
    await this.#readWithRetries(followed.joined.room.roomId);
  }

  /** Leaves a temporary room that only we are in, and sees whether it ended. */
  async #abandon(followed: Followed): Promise<void> {
    const { requests, listener, logger } = this.options;
    const { roomId } = followed.joined.room;
    await this.#leave(followed);
    if (!this.#isCurrent(followed)) return;
    try {
      const { kind } = await probe(requests, roomId);
      if (!this.#isCurrent(followed)) return;
      if (kind === 'absent') {
        this.#drop(followed);
        listener.onRoomGone(roomId);
        return;
      }
      // It was empty when we left, and so it ended: what is there now is another room, unless
      // somebody came in before we were out.
      if (!followed.joined.hasComeWhileLeaving) listener.onRoomGone(roomId);
    } catch (err) {
      if (!this.#isCurrent(followed)) return;
      logger.warn({ err, roomId }, 'asking for an abandoned room failed');
    }
    await this.#readAgain(followed);
  }

  /** Our join came a moment too late and made a room: it must not stay. */
  async #undoCreation(followed: Followed): Promise<void> {
    const { requests, listener } = this.options;
    const { ownJid, mucService } = requests.options;
    const { roomId } = followed.joined.room;
    await this.#leave(followed);
    const existence = await probe(requests, roomId);
    if (!this.#isCurrent(followed)) return;
    if (existence.kind === 'exists' && existence.info.occupants === 0) {
      const iq = buildDestroyRequest(ownJid, roomJid(roomId, mucService));
      await requests.ask(iq, () => undefined);
    } else if (existence.kind === 'exists') {
      return this.#readAgain(followed);
    }
    this.#drop(followed);
    listener.onRoomGone(roomId);
  }

  /** Resolves when we are out, or by the deadline. */
  async #leave(followed: Followed): Promise<void> {
    const { requests, signal } = this.options;
    followed.stage = 'leaving';
    followed.joined.beginLeaving();
    const out = new AbortController();
    followed.onOut = () => out.abort();
    await this.#sendLeave(followed.joined);
    await delay(requests.options.timeoutMs, AbortSignal.any([out.signal, signal]));
  }

  async #sendLeave(joined: JoinedRoom): Promise<void> {
    const { connection, ownJid, mucService } = this.options.requests.options;
    const to = roomJid(joined.room.roomId, mucService);
    try {
      await connection.send(buildLeave({ from: ownJid, roomJid: to, nick: joined.nick }));
    } catch (err) {
      this.options.logger.debug({ err, roomId: joined.room.roomId }, 'leaving a room failed');
    }
  }

  /** A room that the listing lacks, or that is watched from outside. */
  async #lookAgain(roomId: string): Promise<void> {
    const followed = this.#followed.get(roomId);
    if (followed === undefined) return;
    try {
      const existence = await probe(this.options.requests, roomId);
      if (!this.#isCurrent(followed)) return;
      if (existence.kind === 'absent') {
        this.#drop(followed);
        this.options.listener.onRoomGone(roomId);
      } else if (followed.stage === 'watched' && existence.kind === 'exists') {
        const { occupants, features } = existence.info;
        if (occupants !== 0 || !features.has('muc_temporary')) await this.#readAgain(followed);
      }
    } catch (err) {
      this.options.logger.warn({ err, roomId }, 'looking for a room failed');
    }
  }

  async #readConfiguration(followed: Followed): Promise<void> {
    const { joined } = followed;
    joined.beginConfigurationRead();
    try {
      await this.options.requests.configuration(joined.room.roomId, ({ configuration }) =>
        joined.applyRead({ kind: 'configuration-read', configuration }),
      );
    } catch (err) {
      this.#recover(followed, err);
    } finally {
      joined.endConfigurationRead();
    }
  }

  /** Reads lists again, once more for every doubt that arises meanwhile. */
  async #readLists(followed: Followed, lists: readonly ListedAffiliation[]): Promise<void> {
    const { joined, doubtfulLists } = followed;
    const isUnderWay = doubtfulLists.size > 0;
    for (const affiliation of lists) doubtfulLists.add(affiliation);
    if (isUnderWay) return;
    try {
      for (const affiliation of doubtfulLists) {
        await this.options.requests.affiliations(joined.room.roomId, affiliation, (bareJids) => {
          doubtfulLists.delete(affiliation);
          joined.applyRead({ kind: 'affiliation-listed', affiliation, bareJids });
        });
      }
    } catch (err) {
      doubtfulLists.clear();
      this.#recover(followed, err);
    }
  }

  /** A single question failed: the whole room is read again. */
  #recover(followed: Followed, err: unknown): void {
    if (!this.#isCurrent(followed) || this.options.signal.aborted) return;
    if (followed.stage !== 'live' && followed.stage !== 'watched') return;
    const { roomId } = followed.joined.room;
    this.options.logger.warn({ err, roomId }, 'asking a room failed; reading it again');
    this.#drop(followed);
    void this.#readAfterLoss(roomId);
  }
}
