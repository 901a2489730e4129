/** Emptying the store for a new beginning, in pieces, so that Redis serves others in between. */
import { randomUUID } from 'node:crypto';
import { hasCode } from '@conference/muc';
import { BEGIN_INCARNATION } from './lua/begin-incarnation.js';
import { DROP_ROOMS } from './lua/drop-rooms.js';
import { storeUnavailable } from './redis-error.js';
import type { Cursor, Revision } from './room-store.js';
import { runWriterScript, type WriterContext } from './writer-scripts.js';

const ROOMS_AT_ONCE = 500;
/** Resets that may find the store lost again under their hands before they give up. */
const ATTEMPTS = 3;

/**
 * Begins a new incarnation; where rooms are left from before, drops them under it and begins
 * another one, so that no reader goes on from a half emptied store.
 * @param revision the one that the writer saw last; the new one is higher.
 */
export async function resetRedisStore(
  context: WriterContext,
  epoch: number,
  revision: Revision,
): Promise<Cursor> {
  let place: Cursor = { incarnation: '', revision };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const begun = await beginIncarnation(context, epoch, place.revision);
    place = begun.place;
    if (begun.roomsLeft === 0) {
      return place;
    }
    await dropRooms(context, epoch, place.incarnation);
  }
  throw storeUnavailable('The rooms in Redis could not be dropped.');
}

interface Begun {
  readonly place: Cursor;
  readonly roomsLeft: number;
}

async function beginIncarnation(
  context: WriterContext,
  epoch: number,
  lastRevision: Revision,
): Promise<Begun> {
  const { meta, rooms, changes } = context.keys;
  const incarnation = randomUUID();
  const [revision, roomsLeft] = await runWriterScript(
    context,
    BEGIN_INCARNATION,
    [meta, rooms, changes],
    [epoch, lastRevision, incarnation],
  );
  return { place: { incarnation, revision: Number(revision) }, roomsLeft: Number(roomsLeft) };
}

/** Drops every room with its details; gives up quietly where the store is lost meanwhile. */
async function dropRooms(
  context: WriterContext,
  epoch: number,
  incarnation: string,
): Promise<void> {
  const { connection, keys } = context;
  let scanCursor = '0';
  do {
    const [next, found] = await connection.run((redis) =>
      redis.hscan(keys.rooms, scanCursor, 'COUNT', ROOMS_AT_ONCE),
    );
    scanCursor = next;
    const roomIds = found.filter((_entry, index) => index % 2 === 0);
    try {
      await runWriterScript(
        context,
        DROP_ROOMS,
        [keys.meta, keys.rooms, ...roomIds.map((roomId) => keys.details(roomId))],
        [epoch, incarnation, ...roomIds],
      );
    } catch (error) {
      if (hasCode(error, 'store-lost')) {
        return;
      }
      throw error;
    }
  } while (scanCursor !== '0');
}
