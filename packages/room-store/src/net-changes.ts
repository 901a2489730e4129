/** What a list of changes comes to, with at most one change for each room. */
import type { DetailChange, PutRoom, RoomChange } from './room-store.js';

/**
 * Folds the changes of one commit: the last row of a room wins, details add up, a removal forgets
 * what stood before it. A room that is removed and put again is put with its details whole.
 */
export function netChanges(changes: readonly RoomChange[]): readonly RoomChange[] {
  const byRoom = new Map<string, RoomChange>();
  for (const change of changes) {
    const roomId = roomIdOf(change);
    const earlier = byRoom.get(roomId);
    byRoom.set(roomId, earlier === undefined ? change : fold(earlier, change));
  }
  return byRoom.size === changes.length ? changes : [...byRoom.values()];
}

/** The room that a change is about. */
export function roomIdOf(change: RoomChange): string {
  return change.kind === 'put' ? change.row.roomId : change.roomId;
}

function fold(earlier: RoomChange, later: RoomChange): RoomChange {
  if (later.kind === 'remove') {
    return later;
  }
  if (earlier.kind === 'remove') {
    return { ...later, details: { ...later.details, isWhole: true } };
  }
  return foldDetails(earlier, later);
}

function foldDetails(earlier: PutRoom, later: PutRoom): PutRoom {
  const before = earlier.details;
  const after = later.details;
  if (before === undefined || after?.isWhole === true) {
    return later;
  }
  if (after === undefined) {
    return { ...later, details: before };
  }
  const details: DetailChange = {
    isWhole: before.isWhole ?? false,
    occupantsRemoved: union(before.occupantsRemoved, after.occupantsRemoved),
    occupantsPut: overlay(
      before.occupantsPut,
      after.occupantsPut,
      after.occupantsRemoved,
      (occupant) => occupant.nick,
    ),
    affiliationsRemoved: union(before.affiliationsRemoved, after.affiliationsRemoved),
    affiliationsPut: overlay(
      before.affiliationsPut,
      after.affiliationsPut,
      after.affiliationsRemoved,
      (affiliated) => affiliated.bareJid,
    ),
  };
  return { ...later, details };
}

function union(a: readonly string[] = [], b: readonly string[] = []): readonly string[] {
  return [...new Set([...a, ...b])];
}

function overlay<T>(
  before: readonly T[] = [],
  after: readonly T[] = [],
  removed: readonly string[] = [],
  keyOf: (entry: T) => string,
): readonly T[] {
  const entries = new Map(before.map((entry) => [keyOf(entry), entry]));
  for (const key of removed) {
    entries.delete(key);
  }
  for (const entry of after) {
    entries.set(keyOf(entry), entry);
  }
  return [...entries.values()];
}
