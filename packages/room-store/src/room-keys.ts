/** Names of the Redis keys of one MUC service; all share a hash tag, so that scripts may join them. */
import { ConferenceError } from '@conference/muc';

export interface RoomKeys {
  /** Hash: epoch, incarnation, revision, picture, rooms, kept, keptBytes, base, commitId, committedAt. */
  readonly meta: string;
  /** Hash: roomId → row as JSON. */
  readonly rooms: string;
  /** Stream: one entry for each commit, its id `REVISION-0`. */
  readonly changes: string;
  /** Hash: epoch, reportedAt, status. */
  readonly report: string;
  /** String that expires: status of a tracker that may not write. */
  readonly waiting: string;
  /** String that expires: `TRACKER INSTANCE` of the tracker that alone may follow the service. */
  readonly lease: string;
  /** Hash: tracker → `ANNOUNCED_AT_MS FOLLOWED`. */
  readonly trackers: string;
  /** Hash of one room: its occupants and affiliations, as stored-details has them. */
  details(roomId: string): string;
}

/**
 * The keys of a MUC service. Whatever a roomId contains, it stands last and behind the hash tag.
 * Fails with `configuration-invalid` where braces in the prefix would disturb the hash tag.
 */
export function roomKeys(keyPrefix: string, mucService: string): RoomKeys {
  if (/[{}]/.test(keyPrefix)) {
    throw new ConferenceError('configuration-invalid', 'REDIS_KEY_PREFIX must hold no braces.');
  }
  const base = `${keyPrefix}:{${mucService}}`;
  return {
    meta: `${base}:meta`,
    rooms: `${base}:rooms`,
    changes: `${base}:changes`,
    report: `${base}:report`,
    waiting: `${base}:waiting`,
    lease: `${base}:lease`,
    trackers: `${base}:trackers`,
    details: (roomId) => `${base}:details:${roomId}`,
  };
}
