/** A whole, exact snapshot out of Redis, read in pieces so that Redis serves others in between. */
import { RoomMap, type RoomRow } from '@conference/muc';
import type { RedisConnection } from './redis-connection.js';
import { storeUnavailable } from './redis-error.js';
import type { RoomKeys } from './room-keys.js';
import type { Cursor, Picture, Snapshot } from './room-store.js';
import { decodeEntry, decodePicture, decodeRow, entryId, pairsOf } from './stored-form.js';

const ROWS_AT_ONCE = 1_000;
const ENTRIES_AT_ONCE = 16;
const ATTEMPTS = 5;

/** What the meta hash says at one moment. */
export interface StoredMeta {
  readonly cursor: Cursor;
  readonly picture: Picture;
  readonly roomCount: number;
}

/** Where the store stands; an empty incarnation where nobody has written yet. */
export async function readMeta(connection: RedisConnection, keys: RoomKeys): Promise<StoredMeta> {
  const [incarnation, revision, picture, rooms] = await connection.run((redis) =>
    redis.hmget(keys.meta, 'incarnation', 'revision', 'picture', 'rooms'),
  );
  return {
    cursor: { incarnation: incarnation ?? '', revision: Number(revision ?? 0) },
    picture: decodePicture(picture ?? 'loading'),
    roomCount: Number(rooms ?? 0),
  };
}

/**
 * Scans the rows between two looks at the revision, then applies the changes of the time between:
 * the result is exactly the state at the second look. Starts over where the changes are not all
 * kept or a new incarnation began, and fails with `store-unavailable` where that does not end, or
 * where rows are missing (a Redis that evicts keys).
 */
export async function readRedisSnapshot(
  connection: RedisConnection,
  keys: RoomKeys,
): Promise<Snapshot> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const before = await readMeta(connection, keys);
    const rows = await scanRows(connection, keys);
    const after = await readMeta(connection, keys);
    if (
      before.cursor.incarnation === after.cursor.incarnation &&
      (await applyChanges(connection, keys, rows, before.cursor, after.cursor)) &&
      rows.size === after.roomCount
    ) {
      return { cursor: after.cursor, picture: after.picture, ...rows.toParts() };
    }
  }
  throw storeUnavailable('Redis gave no consistent picture of the rooms.');
}

/** What is stored of rooms, as far as it has been read. */
class ReadRows {
  readonly #rows = new RoomMap<RoomRow>();
  readonly #malformed = new Set<string>();

  get size(): number {
    return this.#rows.size + this.#malformed.size;
  }

  /** @param row undefined where what is stored is none */
  put(roomId: string, row: RoomRow | undefined): void {
    if (row === undefined) {
      this.#rows.delete(roomId);
      this.#malformed.add(roomId);
    } else {
      this.#rows.set(roomId, row);
      this.#malformed.delete(roomId);
    }
  }

  remove(roomId: string): void {
    this.#rows.delete(roomId);
    this.#malformed.delete(roomId);
  }

  toParts(): Pick<Snapshot, 'rows' | 'malformed'> {
    return { rows: [...this.#rows.values()], malformed: [...this.#malformed] };
  }
}

async function scanRows(connection: RedisConnection, keys: RoomKeys): Promise<ReadRows> {
  const rows = new ReadRows();
  let scanCursor = '0';
  do {
    const [next, found] = await connection.run((redis) =>
      redis.hscan(keys.rooms, scanCursor, 'COUNT', ROWS_AT_ONCE),
    );
    for (const [roomId, text] of pairsOf(found)) {
      rows.put(roomId, decodeRow(roomId, text));
    }
    scanCursor = next;
  } while (scanCursor !== '0');
  return rows;
}

/** Returns whether all changes between the two places were there. */
async function applyChanges(
  connection: RedisConnection,
  keys: RoomKeys,
  rows: ReadRows,
  from: Cursor,
  to: Cursor,
): Promise<boolean> {
  let revision = from.revision;
  while (revision < to.revision) {
    const start = `(${entryId(revision)}`;
    const entries = await connection.run((redis) =>
      redis.xrange(keys.changes, start, entryId(to.revision), 'COUNT', ENTRIES_AT_ONCE),
    );
    if (entries.length === 0) {
      return false;
    }
    for (const entry of entries) {
      const chained = decodeEntry(entry);
      if (chained?.previous !== revision || chained.batch.cursor.incarnation !== to.incarnation) {
        return false;
      }
      const { batch } = chained;
      for (const row of batch.rowsPut) {
        rows.put(row.roomId, row);
      }
      for (const roomId of batch.roomIdsRemoved) {
        rows.remove(roomId);
      }
      revision = batch.cursor.revision;
    }
  }
  return revision === to.revision;
}
