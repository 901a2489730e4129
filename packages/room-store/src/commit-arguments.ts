/** A commit as keys and arguments of its script (lua/commit-changes). */
import type { KeptChanges } from './change-log.js';
import { copyRow } from './copy-row.js';
import { netChanges } from './net-changes.js';
import type { RoomKeys } from './room-keys.js';
import type { Commit, DetailChange, PutRoom, RemoveRoom } from './room-store.js';
import {
  affiliationField,
  occupantField,
  storedAffiliation,
  storedOccupant,
} from './stored-details.js';
import { encodePicture } from './stored-form.js';

export interface CommitHead {
  readonly epoch: number;
  readonly incarnation: string;
  /** The revision that the writer saw confirmed last. */
  readonly base: number;
  readonly commitId: string;
  readonly kept: KeptChanges;
}

export function commitArguments(
  keys: RoomKeys,
  head: CommitHead,
  commit: Commit,
): { readonly keys: readonly string[]; readonly args: readonly (string | number)[] } {
  const removals: RemoveRoom[] = [];
  const puts: PutRoom[] = [];
  for (const change of netChanges(commit.changes)) {
    if (change.kind === 'remove') {
      removals.push(change);
    } else {
      puts.push(change);
    }
  }
  const detailed = puts.filter((put) => put.details !== undefined);
  const roomIdsRemoved = removals.map((removal) => removal.roomId);
  const roomIdsTouched = [...roomIdsRemoved, ...detailed.map((put) => put.row.roomId)];
  return {
    keys: [
      keys.meta,
      keys.rooms,
      keys.changes,
      ...roomIdsTouched.map((roomId) => keys.details(roomId)),
    ],
    args: [
      head.epoch,
      head.incarnation,
      head.base,
      head.commitId,
      head.kept.changes,
      commit.picture === undefined ? '' : encodePicture(commit.picture),
      commit.observedAtMs ?? '',
      JSON.stringify(roomIdsRemoved),
      removals.length,
      puts.length,
      detailed.length,
      head.kept.bytes,
      ...roomIdsRemoved,
      ...puts.flatMap((put) => [put.row.roomId, JSON.stringify(copyRow(put.row))]),
      ...detailed.flatMap((put) => detailArguments(put.details ?? {})),
    ],
  };
}

function detailArguments(details: DetailChange): (string | number)[] {
  return [
    details.isWhole === true ? 1 : 0,
    ...counted([
      ...(details.occupantsRemoved ?? []).map(occupantField),
      ...(details.affiliationsRemoved ?? []).map(affiliationField),
    ]),
    ...counted([
      ...(details.occupantsPut ?? []).flatMap(storedOccupant),
      ...(details.affiliationsPut ?? []).flatMap(storedAffiliation),
    ]),
  ];
}

function counted(list: readonly string[]): (string | number)[] {
  return [list.length, ...list];
}
