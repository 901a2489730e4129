/**
 * Differences between what is known of one room and what the server says, until they are proved.
 * One reading proves nothing: an answer may be ahead of the event that tells the same. So the room
 * is read again after a while, and only what differed both times in the same way, without an event
 * in between that concerns it, is drift.
 */
import type { Room, RoomEvent } from '@conference/muc';
import type { RoomPart } from '../room-feed.js';
import { compareRoomPart, isTouched } from './room-difference.js';
import type { Difference } from './room-difference.js';

type Reading = Map<string, Difference>;

export class Suspicion {
  #previous: Reading = new Map();
  #latest: Reading = new Map();
  /** Occupants who are told in the role in which they are known. */
  readonly #asKnown = new Set<string>();
  #isVoid = false;

  constructor(readonly room: Room) {}

  /** Whether the latest reading has found nothing, so that no other could prove anything. */
  get isEmpty(): boolean {
    return this.#isVoid || this.#latest.size === 0;
  }

  /** Whether all that the latest reading has found is proved. */
  get isSettled(): boolean {
    return this.isEmpty || this.proved.length === this.#latest.size;
  }

  /** What is held from now on is of another reading. */
  beginReading(): void {
    this.#previous = this.#latest;
    this.#latest = new Map();
    this.#asKnown.clear();
  }

  /**
   * Takes in what the server has just said.
   * @param room as it is known now; another one, or none, ends the suspicion
   */
  hold(room: Room | undefined, part: RoomPart): void {
    if (room !== this.room) this.#isVoid = true;
    if (this.#isVoid) return;
    const found = [...compareRoomPart(this.room, part)];
    for (const difference of found) {
      this.#latest.set(`${difference.kind} ${difference.key}`, difference);
    }
    if (part.kind === 'role') this.#forgetAsKnown(part.occupants, found);
  }

  /** Sessions on one nick may have different roles: the one that is known is told in its own list. */
  #forgetAsKnown(told: readonly { nick: string }[], found: readonly Difference[]): void {
    const different = new Set(found.map(({ key }) => key));
    for (const { nick } of told) if (!different.has(nick)) this.#asKnown.add(nick);
    for (const nick of this.#asKnown) {
      const key = `occupant ${nick}`;
      if (this.#latest.get(key)?.known !== 'none') this.#latest.delete(key);
    }
  }

  /** An event has told of something in the room. */
  forget(event: RoomEvent): void {
    for (const reading of [this.#previous, this.#latest]) {
      for (const [key, difference] of reading) {
        if (isTouched(difference, event)) reading.delete(key);
      }
    }
  }

  /** What was found by the latest reading and the one before it. */
  get proved(): readonly Difference[] {
    if (this.#isVoid) return [];
    return [...this.#latest].flatMap(([key, difference]) => {
      const before = this.#previous.get(key);
      const isSame = before?.known === difference.known && before.told === difference.told;
      return isSame ? [difference] : [];
    });
  }
}
