/** All rooms of one session by roomId, and what is known of those that are not followed. */
import type { RoomMessage, RoomPresence } from '@conference/muc-stanza';
import { backoffDelayMs } from '@conference/service-runtime';
import pLimit from 'p-limit';
import type { LimitFunction } from 'p-limit';
import { detachText } from './detached-event.js';
import { describeTrouble, isForbidding, isLocked } from './describe-trouble.js';
import type { JoinOptions } from './join-options.js';
import { RoomFollower } from './room-follower.js';
import type { FollowerEnd } from './room-follower.js';
import { RoomQuestions } from './room-questions.js';
import type { RoomQuestion } from './room-questions.js';
import type { ServiceSight } from './shared-nicks.js';

/** What refuses us now, such as a password changed while we came, may let us in a moment later. */
const UNREADABLE_RETRY = { initialMs: 500, maximumMs: 30_000 };
/** How many tombstones are looked at again with each poll. */
const TOMBSTONES_PER_POLL = 20;

interface Unreadable {
  readonly condition: string;
  readonly retryMs: number;
  /** How often it has been tried again. */
  readonly retries: number;
}

export interface FollowedRoomsOptions extends JoinOptions {
  /** Aborts with the session. */
  readonly signal: AbortSignal;
  /** What the session has learnt of the service. */
  readonly sight: ServiceSight;
  /** Settles once every room that was there at the beginning has been read. */
  readonly allRead: Promise<void>;
}

export class FollowedRooms {
  readonly #followers = new Map<string, RoomFollower>();
  /** Bounds how many rooms are read at a time; the requests have a bound of their own. */
  readonly #readLimit: LimitFunction;
  readonly #tombstones = new Set<string>();
  readonly #looks = new RoomQuestions();
  /** Apart: rooms that only looking tells of wait for no others. */
  readonly #countings = new RoomQuestions();
  /** Rooms that exist and could not be read, with when to try again, ms since 1970. */
  readonly #unreadable = new Map<string, Unreadable>();
  /** Rooms that throw us out again and again, while we stay away from them. */
  readonly #keptOut = new Set<string>();

  constructor(private readonly options: FollowedRoomsOptions) {
    this.#readLimit = pLimit(options.requests.options.limit.concurrency);
  }

  /** The room's follower; undefined where it is not followed. */
  find(roomId: string): RoomFollower | undefined {
    return this.#followers.get(roomId);
  }

  handlePresence(presence: RoomPresence): void {
    this.#followers.get(presence.roomId)?.joined?.handlePresence(presence);
  }

  handleMessage(message: RoomMessage): void {
    this.#followers.get(message.roomId)?.joined?.handleMessage(message);
  }

  /** Begins to follow a room; resolves when it is followed or cannot be. Never rejects. */
  async follow(listedRoomId: string): Promise<void> {
    if (this.#followers.has(listedRoomId) || this.options.signal.aborted) return;
    const roomId = detachText(listedRoomId);
    const follower = new RoomFollower(roomId, {
      ...this.options,
      onKeptOut: (isKeptOut) => this.#setKeptOut(roomId, isKeptOut),
      onEnd: (end) => this.#handleEnd(roomId, end),
    });
    this.#followers.set(roomId, follower);
    await this.#readLimit(() => follower.read());
    if (this.#followers.get(roomId) === follower) this.#unreadable.delete(roomId);
  }

  /**
   * Settles the difference between what is followed and what a listing says. What must be asked
   * for it is asked in the background: a room that does not answer holds up nobody else.
   * @param startedMs when the listing was asked for.
   */
  compareWithListing(listed: ReadonlySet<string>, startedMs: number): void {
    const { now, listener } = this.options;
    for (const roomId of listed) {
      const retryMs = this.#unreadable.get(roomId)?.retryMs ?? 0;
      if (!this.#tombstones.has(roomId) && retryMs <= now()) void this.follow(roomId);
    }
    const looks: RoomQuestion[] = [];
    const countings: RoomQuestion[] = [];
    for (const [roomId, follower] of this.#followers) {
      const { untoldPeople } = follower;
      const isMissing = !listed.has(roomId) && follower.wasLiveBefore(startedMs);
      if (isMissing || follower.isWatched) {
        looks.push({ roomId, ask: () => follower.lookAgain() });
        continue;
      }
      if (follower.isHindered) looks.push({ roomId, ask: () => follower.showOurselves() });
      if (untoldPeople?.mustBeAsked === true) {
        countings.push({ roomId, ask: () => untoldPeople.read() });
      }
    }
    this.#looks.askInTurn(looks);
    this.#countings.askInTurn(countings);
    for (const roomId of this.#unreadable.keys()) {
      if (listed.has(roomId)) continue;
      this.#unreadable.delete(roomId);
      listener.onRoomGone(roomId);
    }
    for (const roomId of this.#tombstones) {
      if (!listed.has(roomId)) this.#tombstones.delete(roomId);
    }
    for (const roomId of [...this.#tombstones].slice(0, TOMBSTONES_PER_POLL)) {
      // If it still is one, it comes back behind the others.
      this.#tombstones.delete(roomId);
      void this.follow(roomId);
    }
    this.tellTrouble();
  }

  /** Tells and counts what cannot be read or followed, also where there is nothing. */
  tellTrouble(): void {
    const { listener, metrics } = this.options;
    metrics.setUnreadableRooms(this.#unreadable.size);
    metrics.setKeptOutRooms(this.#keptOut.size);
    listener.onTrouble(describeTrouble(this.#unreadable, this.#keptOut));
  }

  /** Rooms that refuse us for want of rights: without them a list would be no list. */
  get forbiddenRoomIds(): readonly string[] {
    return [...this.#unreadable].flatMap(([roomId, { condition }]) =>
      isForbidding(condition) ? [roomId] : [],
    );
  }

  endAll(): void {
    for (const follower of this.#followers.values()) follower.end();
    this.#forgetAll();
  }

  async leaveAll(): Promise<void> {
    await Promise.all([...this.#followers.values()].map((follower) => follower.leave()));
    this.#forgetAll();
  }

  #forgetAll(): void {
    this.#followers.clear();
    this.#keptOut.clear();
    this.options.metrics.setKeptOutRooms(0);
  }

  #setKeptOut(roomId: string, isKeptOut: boolean): void {
    if (isKeptOut === this.#keptOut.has(roomId)) return;
    if (isKeptOut) this.#keptOut.add(roomId);
    else this.#keptOut.delete(roomId);
    this.tellTrouble();
  }

  #handleEnd(roomId: string, end: FollowerEnd): void {
    const { listener, logger, now, random } = this.options;
    this.#followers.delete(roomId);
    this.#setKeptOut(roomId, false);
    if (end.kind === 'gone') {
      this.#unreadable.delete(roomId);
      if (end.isTombstone) this.#tombstones.add(roomId);
      listener.onRoomGone(roomId);
      return;
    }
    const retries = (this.#unreadable.get(roomId)?.retries ?? -1) + 1;
    const pauseMs = backoffDelayMs(retries, UNREADABLE_RETRY, random());
    const retryMs = isLocked(end.condition) ? 0 : now() + pauseMs;
    this.#unreadable.set(roomId, { condition: end.condition, retryMs, retries });
    // A locked room is a new one: what was known of one of this name is over.
    if (isLocked(end.condition)) return listener.onRoomGone(roomId);
    logger.warn({ roomId, condition: end.condition }, 'a room cannot be read');
    listener.onRoomUnreadable(roomId, end.condition);
  }
}
