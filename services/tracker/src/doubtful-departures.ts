/**
 * Departures that a stopping server may have made up, for as long as that can still turn out: when
 * the link goes within moments, they were the stop, and are taken back before anybody takes zeros
 * and dates for true.
 */
import type { Occupant, Room } from '@conference/muc';

/** Somebody who was in a room before a departure that is in doubt. */
export interface DoubtfulDeparture {
  readonly room: Room;
  readonly occupant: Occupant;
}

/** A server that stops cuts the link some milliseconds after the first session; a busy one later. */
export const DOUBT_MS = 2_000;

export class DoubtfulDepartures {
  #departures: (DoubtfulDeparture & { readonly atMs: number })[] = [];

  /**
   * Before the departure of that nick is applied; without effect where nobody has it.
   * @param monotonicMs by a clock that nobody sets: set back, all of an hour would be recent.
   */
  note(room: Room, nick: string, monotonicMs: number): void {
    const occupant = room.occupants.get(nick);
    if (occupant === undefined) return;
    const first = this.#departures[0];
    if (first !== undefined && first.atMs < monotonicMs - DOUBT_MS) this.#forgetOld(monotonicMs);
    this.#departures.push({ room, occupant, atMs: monotonicMs });
  }

  /** Hands over those of the last moments, the latest first, and forgets all. */
  takeRecent(monotonicMs: number): DoubtfulDeparture[] {
    this.#forgetOld(monotonicMs);
    const recent = this.#departures.reverse();
    this.#departures = [];
    return recent;
  }

  #forgetOld(monotonicMs: number): void {
    this.#departures = this.#departures.filter(({ atMs }) => atMs >= monotonicMs - DOUBT_MS);
  }
}
