/**
 * Follows the room behind one roomId through one session: reads it, stays in it, comes back when
 * thrown out, lets it end when only we keep it alive. What a stanza means is decided in JoinedRoom;
 * here is decided what to do.
 */
import { delay } from '@conference/service-runtime';
import type { RoomPart } from '../room-feed.js';
import type { JoinedRoom } from './joined-room.js';
import type { RoomEnd } from './joined-room-listener.js';
import { findAbandoned, undoCreation, type FindLeftRoom } from './left-room.js';
import { isOutside } from './outside.js';
import { afterFailedReading } from './reading-attempts.js';
import { Returns, type ReturnsOptions } from './returns.js';
import { inspectRoom } from './room-inspection.js';
import { probe, type ReadResult } from './room-reader.js';
import { RoomVisit, type RoomVisitOptions } from './room-visit.js';
import type { UntoldPeople } from './untold-people.js';

/** How following a room came to its end. */
export type FollowerEnd =
  | { readonly kind: 'gone'; readonly isTombstone: boolean }
  | { readonly kind: 'unreadable'; readonly condition: string };

export interface RoomFollowerOptions extends RoomVisitOptions, ReturnsOptions {
  /** At most once; afterwards the follower does nothing more. */
  readonly onEnd: (end: FollowerEnd) => void;
}

export class RoomFollower {
  #stage: 'reading' | 'live' | 'watched' | 'leaving' | 'ended' = 'reading';
  #visit: RoomVisit | undefined;
  /** When it went live, ms since 1970: a listing begun before says nothing of it. */
  #liveSinceMs = Number.POSITIVE_INFINITY;
  readonly #returns: Returns;

  constructor(
    readonly roomId: string,
    private readonly options: RoomFollowerOptions,
  ) {
    this.#returns = new Returns(roomId, options);
  }

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
        const result = await visit.read();
        if (this.#visit === visit) await this.#settle(visit, result);
        return;
      } catch (err) {
        // Another visit has taken over, or the room ended.
        if (this.#visit !== visit) return;
        logger.warn({ err, roomId: this.roomId, attempt }, 'reading a room failed');
        const next = afterFailedReading(err, attempt, random());
        if (next.kind === 'unreadable') return this.#end(next);
        await delay(next.pauseMs, signal);
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

  /** Those of whom the room tells nothing; undefined while it is not followed from inside. */
  get untoldPeople(): UntoldPeople | undefined {
    return this.#stage === 'live' ? this.#visit?.people : undefined;
  }

  /**
   * Asks for all that the server says of the room while we are in it, changing nothing. Of a room
   * that does not show everybody, or is in doubt itself, what is known proves nothing.
   * Fails as XmppConnection.request.
   */
  async inspect(onPart: (part: RoomPart) => void): Promise<void> {
    const visit = this.#visit;
    const isJudged = (): boolean =>
      this.#visit === visit && this.#stage === 'live' && visit?.isJudgeable === true;
    if (visit === undefined) return;
    try {
      await inspectRoom(visit.joined.room, this.options.requests, isJudged, onPart);
    } catch (err) {
      if (isOutside(err) && isJudged()) void this.#readAfterLoss();
      throw err;
    }
  }

  /** Reads what can be asked for anew, without leaving. Never rejects. */
  async readAgain(): Promise<void> {
    if (this.#stage === 'live') await this.#visit?.rereads.readEverything();
  }

  /** Whether only another tracker keeps a temporary room alive. */
  get isHindered(): boolean {
    return this.#stage === 'live' && this.joined?.isHindered === true;
  }

  /** Has a room find out which trackers in it are dead. Never rejects. */
  async showOurselves(): Promise<void> {
    if (this.isHindered) await this.#visit?.sendPresence();
  }

  /** Nothing more is told; for the end of the session. */
  end(): void {
    this.#stage = 'ended';
    this.#endVisit();
  }

  /** Leaves politely, without waiting for the answer; nothing more is told. */
  async leave(): Promise<void> {
    const visit = this.#visit;
    // A join may be under way, which would leave us in for nobody.
    const mayBeIn = visit?.joined.mayBeIn === true;
    this.end();
    if (mayBeIn) await visit.sendLeave();
  }

  async #settle(visit: RoomVisit, result: ReadResult): Promise<void> {
    switch (result.kind) {
      case 'joined':
        if (visit.joined.isAbandoned) await this.#leaveToEnd(visit, findAbandoned);
        else this.#goLive(visit, 'live');
        return;
      case 'watched':
        this.#goLive(visit, 'watched');
        return;
      case 'created':
        // Our join came a moment too late and made a room: it must not stay.
        await this.#leaveToEnd(visit, undoCreation);
        return;
      case 'absent':
        this.#end({ kind: 'gone', isTombstone: result.isTombstone });
        return;
      case 'refused':
        this.#end({ kind: 'unreadable', condition: result.condition });
        return;
    }
  }

  #goLive(visit: RoomVisit, stage: 'live' | 'watched'): void {
    this.#stage = stage;
    this.#liveSinceMs = this.options.now();
    this.options.onKeptOut(false);
    this.options.listener.onRoomRead(visit.joined.room);
    visit.joined.goLive();
  }

  #beginVisit(): RoomVisit {
    this.#endVisit();
    this.#stage = 'reading';
    const { options, roomId } = this;
    const visit: RoomVisit = new RoomVisit(roomId, options, {
      onEnd: (end) => this.#handleEnd(visit, end),
      onAskingFailed: (err) => {
        if (this.#visit !== visit || (this.#stage !== 'live' && this.#stage !== 'watched')) return;
        options.logger.warn({ err, roomId }, 'asking a room failed; reading it again');
        void this.#readAfterLoss();
      },
    });
    this.#visit = visit;
    return visit;
  }

  #endVisit(): void {
    const visit = this.#visit;
    this.#visit = undefined;
    visit?.end();
  }

  #end(end: FollowerEnd): void {
    if (this.#stage === 'ended') return;
    this.end();
    this.options.onEnd(end);
  }

  #handleEnd(visit: RoomVisit, end: RoomEnd): void {
    if (this.#visit !== visit) return;
    if (this.#stage === 'leaving') {
      visit.noteOut();
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
        void this.#leave(visit).then(() =>
          this.#visit === visit ? this.#readAfterLoss() : undefined,
        );
        break;
      case 'abandoned':
        void this.#leaveToEnd(visit, findAbandoned);
        break;
    }
  }

  /** Comes back at once the first time, and more slowly when thrown out again and again. */
  async #readAfterLoss(): Promise<void> {
    this.#endVisit();
    this.#stage = 'reading';
    await this.#returns.awaitReturn();
    await this.read();
  }

  /**
   * Leaves a room that is to end with that, and sees what became of it. Never rejects.
   * @param findLeft asked once we are out
   */
  async #leaveToEnd(visit: RoomVisit, findLeft: FindLeftRoom): Promise<void> {
    const { requests, listener, logger } = this.options;
    const isCurrent = (): boolean => this.#visit === visit;
    await this.#leave(visit);
    if (!isCurrent()) return;
    try {
      const left = await findLeft(requests, visit.joined, isCurrent);
      if (!isCurrent()) return;
      if (left.kind === 'gone') return this.#end(left);
      if (left.kind === 'replaced') listener.onRoomGone(this.roomId);
    } catch (err) {
      logger.warn({ err, roomId: this.roomId }, 'asking a room that we left failed');
    }
    if (isCurrent()) await this.read();
  }

  /** Resolves when we are out, or by the deadline. */
  async #leave(visit: RoomVisit): Promise<void> {
    this.#stage = 'leaving';
    await visit.leaveAndAwait();
  }
}
