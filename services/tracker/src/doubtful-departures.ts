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

  /** Before the departure of that nick is applied; without effect where nobody has it. */
  note(room: Room, nick: string, nowMs: number): void {
    const occupant = room.occupants.get(nick);
    if (occupant === undefined) return;
    const first = this.#departures[0];
    if (first !== undefined && first.atMs < nowMs - DOUBT_MS) this.#forgetOld(nowMs);
    this.#departures.push({ room, occupant, atMs: nowMs });
  }

  /** Hands over those of the last moments, the latest first, and forgets all. */
  takeRecent(nowMs: number): DoubtfulDeparture[] {
    this.#forgetOld(nowMs);
    const recent = this.#departures.reverse();
    this.#departures = [];
    return recent;
  }

  #forgetOld(nowMs: number): void {
    this.#departures = this.#departures.filter(({ atMs }) => atMs >= nowMs - DOUBT_MS);
  }
}
