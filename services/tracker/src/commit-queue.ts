/**
 * What must be written, merged by room: many events of a moment become one change, whose cost is
 * that of what changed and not of the room's size.
 */
import type { Room, TouchedDetails } from '@conference/muc';
import type { Commit, DetailChange, Picture, RoomChange } from '@conference/room-store';
import type { Rooms } from './known-rooms.js';

interface Pending {
  readonly kind: 'put' | 'remove';
  readonly isWhole: boolean;
}

/** A commit holds other work up in proportion to its texts; one change more may exceed this. */
const CHARACTERS_PER_COMMIT = 500_000;
/** Details of one room that are written at once; more follow, behind what else waits. */
const DETAILS_PER_CHANGE = 2_000;

export class CommitQueue {
  readonly #pending = new Map<string, Pending>();
  /** The rooms still to be written of all that there are; undefined where that is not due. */
  #everything: Iterator<string> | undefined;
  #leftOfEverything = 0;
  #picture: Picture | undefined;
  #oldestMs: number | undefined;

  get size(): number {
    return this.#pending.size + (this.#everything === undefined ? 0 : this.#leftOfEverything);
  }

  get isEmpty(): boolean {
    return this.size === 0 && this.#picture === undefined;
  }

  /** @param isWhole nothing that the store holds of the room's details counts any more. */
  put(roomId: string, isWhole: boolean, atMs: number): void {
    const before = this.#pending.get(roomId);
    const mustBeWhole = isWhole || before?.kind === 'remove' || before?.isWhole === true;
    this.#pending.set(roomId, { kind: 'put', isWhole: mustBeWhole });
    this.#oldestMs ??= atMs;
  }

  remove(roomId: string, atMs: number): void {
    this.#pending.set(roomId, { kind: 'remove', isWhole: true });
    this.#oldestMs ??= atMs;
  }

  /** Every room must be written whole, in place of whatever rooms there were before. */
  putEverything(rooms: Rooms, atMs: number): void {
    this.#everything = rooms.keys();
    this.#leftOfEverything = Math.max(1, rooms.size);
    this.#oldestMs ??= atMs;
  }

  /** Takes effect behind everything that is queued before it. */
  setPicture(picture: Picture): void {
    this.#picture = picture;
  }

  /** Forgets all: the store holds nothing any more, and everything will be queued again. */
  clear(): void {
    this.#pending.clear();
    this.#everything = undefined;
    this.#picture = undefined;
    this.#oldestMs = undefined;
  }

  /** Takes up to `maximum` changes, as the rooms are now; undefined when there is nothing. */
  take(rooms: Rooms, maximum: number): Commit | undefined {
    if (this.isEmpty) return undefined;
    const changes: RoomChange[] = [];
    let charactersLeft = CHARACTERS_PER_COMMIT;
    while (changes.length < maximum && charactersLeft > 0) {
      const next = this.#takeNext();
      if (next === undefined) break;
      const change = this.#changeOf(next, rooms);
      charactersLeft -= charactersOf(change);
      changes.push(change);
    }
    const observedAtMs = this.#oldestMs;
    const isLast = this.size === 0;
    const picture = isLast ? this.#picture : undefined;
    if (isLast) {
      this.#picture = undefined;
      this.#oldestMs = undefined;
    }
    return {
      changes,
      ...(picture === undefined ? {} : { picture }),
      ...(observedAtMs === undefined ? {} : { observedAtMs }),
    };
  }

  /** What happened lately first, then the next of everything. */
  #takeNext(): (Pending & { readonly roomId: string }) | undefined {
    for (const [roomId, pending] of this.#pending) {
      this.#pending.delete(roomId);
      return { roomId, ...pending };
    }
    const next = this.#everything?.next();
    if (next === undefined || next.done === true) {
      this.#everything = undefined;
      return undefined;
    }
    this.#leftOfEverything = Math.max(1, this.#leftOfEverything - 1);
    return { roomId: next.value, kind: 'put', isWhole: true };
  }

  #changeOf({ roomId, kind, isWhole }: Pending & { roomId: string }, rooms: Rooms): RoomChange {
    const room = rooms.get(roomId);
    if (kind === 'remove' || room === undefined) return { kind: 'remove', roomId };
    const touched = isWhole
      ? room.takeAll(DETAILS_PER_CHANGE)
      : room.takeTouched(DETAILS_PER_CHANGE);
    if (touched.hasMore) this.#pending.set(roomId, { kind: 'put', isWhole: false });
    const row = room.toRow();
    const details = detailsOf(room, touched, isWhole);
    // All rooms are written whole, one after the other: few of them are looked at again soon.
    if (isWhole) room.rest();
    return { kind: 'put', row, details };
  }
}

/** Texts of a change, roughly; names of keys and the like count little. */
function charactersOf(change: RoomChange): number {
  if (change.kind === 'remove') return change.roomId.length;
  const { row, details } = change;
  const people = (details?.occupantsPut?.length ?? 0) + (details?.affiliationsPut?.length ?? 0);
  return row.subject.length + row.description.length + row.name.length + people * 100;
}

function detailsOf(room: Room, touched: TouchedDetails, isWhole: boolean): DetailChange {
  const change = {
    occupantsPut: [] as NonNullable<DetailChange['occupantsPut']>[number][],
    occupantsRemoved: [] as string[],
    affiliationsPut: [] as NonNullable<DetailChange['affiliationsPut']>[number][],
    affiliationsRemoved: [] as string[],
  };
  for (const nick of touched.nicks) {
    const occupant = room.occupants.get(nick);
    if (occupant === undefined) change.occupantsRemoved.push(nick);
    else change.occupantsPut.push(occupant);
  }
  for (const bareJid of touched.bareJids) {
    const affiliation = room.affiliations.get(bareJid);
    if (affiliation === undefined) change.affiliationsRemoved.push(bareJid);
    else change.affiliationsPut.push({ bareJid, affiliation });
  }
  return isWhole ? { isWhole, ...change } : change;
}
