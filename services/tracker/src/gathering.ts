/**
 * What has been learnt of all rooms since the connection came up, until it is whole and takes the
 * place of what was known before. Each room gets its known dates when it is read.
 */
import { isSameRow } from '@conference/muc';
import type { Room, RoomWaking } from '@conference/muc';
import { Slices } from '@conference/service-runtime';
import { KnownRooms } from './known-rooms.js';
import { adoptDates, datesOfRow } from './room-dates.js';
import type { StoredRows } from './stored-rows.js';

/** What was known before: rooms by this process, and what the store held of those that are not. */
export interface KnownBefore {
  readonly rooms: KnownRooms;
  readonly stored: StoredRows;
}

export class Gathering {
  readonly rooms: KnownRooms;
  /** When all had been read, in ms since 1970; undefined until then. */
  completeMs: number | undefined;
  /** Names whose earlier room has ended: one that comes again is another room. */
  readonly #ended = new Set<string>();
  /** Rooms that were read before the store had told what was known. */
  readonly #undated = new Set<string>();
  /** Rooms that are other than they were known to be. */
  readonly #drifted = new Set<string>();
  #isBeingSettled = false;

  constructor(waking: RoomWaking) {
    this.rooms = new KnownRooms(waking);
  }

  /** How many rooms are other than they were known to be. */
  get driftCount(): number {
    return this.#drifted.size;
  }

  /** A room was read. @param known undefined while it has not been told what was known */
  take(room: Room, known: KnownBefore | undefined, nowMs: number): void {
    // All of it will be written, whatever is touched.
    room.takeTouched();
    if (known === undefined) this.#undated.add(room.roomId);
    else this.#date(room, known, nowMs);
    this.rooms.set(room);
  }

  /** A room has come to its end. */
  forget(roomId: string): void {
    this.rooms.delete(roomId);
    this.#drifted.delete(roomId);
    this.#ended.add(roomId);
  }

  /**
   * Dates what could not be dated before, and finds the rooms that were known and are no more. In
   * slices, while what happens goes on being gathered; does nothing where that is under way.
   * @param onSettled called with the names of those rooms, and with everything as it is then
   */
  async settle(
    known: KnownBefore,
    now: () => number,
    onSettled: (missing: readonly string[]) => void,
  ): Promise<void> {
    if (this.#isBeingSettled) return;
    this.#isBeingSettled = true;
    const slices = new Slices();
    for (const roomId of this.#undated) {
      const room = this.rooms.get(roomId);
      if (room !== undefined) this.#date(room, known, now());
      const pause = slices.pause();
      if (pause !== undefined) await pause;
    }
    const missing = new Set<string>();
    for (const roomIds of [known.rooms.keys(), known.stored.keys()]) {
      for (const roomId of roomIds) {
        if (!this.rooms.has(roomId)) missing.add(roomId);
        const pause = slices.pause();
        if (pause !== undefined) await pause;
      }
    }
    // Some may have come or gone since they were looked for.
    for (const roomId of this.#ended) {
      if (known.rooms.has(roomId) || known.stored.has(roomId)) missing.add(roomId);
    }
    onSettled([...missing].filter((roomId) => !this.rooms.has(roomId)));
  }

  /** Gives a room the dates that are known of it. */
  #date(room: Room, { rooms, stored }: KnownBefore, nowMs: number): void {
    const { roomId } = room;
    this.#undated.delete(roomId);
    const before = rooms.get(roomId);
    const row = before?.toRow() ?? stored.get(roomId);
    if (row === undefined) return;
    if (!this.#ended.has(roomId)) adoptDates(room, before ?? datesOfRow(row), nowMs);
    if (isSameRow(row, room.toRow())) this.#drifted.delete(roomId);
    else this.#drifted.add(roomId);
  }
}
