/**
 * What must be written, merged by room: many events of a moment become one change, whose cost is
 * that of what changed and not of the room's size.
 */
import type { Room } from '@conference/muc';
import type { Commit, DetailChange, Picture, RoomChange } from '@conference/room-store';

interface Pending {
  readonly kind: 'put' | 'remove';
  readonly isWhole: boolean;
}

export class CommitQueue {
  readonly #pending = new Map<string, Pending>();
  #picture: Picture | undefined;
  #oldestMs: number | undefined;

  get size(): number {
    return this.#pending.size;
  }

  get isEmpty(): boolean {
    return this.#pending.size === 0 && this.#picture === undefined;
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

  /** Takes effect behind everything that is queued before it. */
  setPicture(picture: Picture): void {
    this.#picture = picture;
  }

  /** Forgets all: the store holds nothing any more, and everything will be queued again. */
  clear(): void {
    this.#pending.clear();
    this.#picture = undefined;
    this.#oldestMs = undefined;
  }

  /** Takes up to `maximum` changes, as the rooms are now; undefined when there is nothing. */
  take(rooms: ReadonlyMap<string, Room>, maximum: number): Commit | undefined {
    if (this.isEmpty) return undefined;
    const changes: RoomChange[] = [];
    for (const [roomId, pending] of this.#pending) {
      if (changes.length === maximum) break;
      this.#pending.delete(roomId);
      const room = rooms.get(roomId);
      if (pending.kind === 'remove' || room === undefined) {
        changes.push({ kind: 'remove', roomId });
      } else {
        changes.push({
          kind: 'put',
          row: room.toRow(),
          details: takeDetails(room, pending.isWhole),
        });
      }
    }
    const observedAtMs = this.#oldestMs;
    const isLast = this.#pending.size === 0;
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
}

function takeDetails(room: Room, isWhole: boolean): DetailChange {
  const touched = room.takeTouched();
  const nicks = isWhole ? room.occupants.keys() : touched.nicks;
  const bareJids = isWhole ? room.affiliations.keys() : touched.bareJids;
  const change = {
    occupantsPut: [] as NonNullable<DetailChange['occupantsPut']>[number][],
    occupantsRemoved: [] as string[],
    affiliationsPut: [] as NonNullable<DetailChange['affiliationsPut']>[number][],
    affiliationsRemoved: [] as string[],
  };
  for (const nick of nicks) {
    const occupant = room.occupants.get(nick);
    if (occupant === undefined) change.occupantsRemoved.push(nick);
    else change.occupantsPut.push(occupant);
  }
  for (const bareJid of bareJids) {
    const affiliation = room.affiliations.get(bareJid);
    if (affiliation === undefined) change.affiliationsRemoved.push(bareJid);
    else change.affiliationsPut.push({ bareJid, affiliation });
  }
  return isWhole ? { isWhole, ...change } : change;
}
