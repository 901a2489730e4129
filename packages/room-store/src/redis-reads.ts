/** Small consistent reads out of Redis: one room whole, the writer's report. */
import type { ChainableCommander } from 'ioredis';
import type { RedisClient } from './redis-client.js';
import type { RedisConnection } from './redis-connection.js';
import { storeUnavailable } from './redis-error.js';
import type { RoomKeys } from './room-keys.js';
import type { RoomDetail, WriterReport, WriterStatus } from './room-store.js';
import { decodeDetails } from './stored-details.js';
import { decodeRow } from './stored-form.js';

type Fields = Readonly<Record<string, string>>;

/** Row, occupants and affiliations of one moment. */
export async function readRedisRoom(
  connection: RedisConnection,
  keys: RoomKeys,
  roomId: string,
): Promise<RoomDetail | undefined> {
  const [row, details] = (await readTogether(connection, (redis) =>
    redis.multi().hget(keys.rooms, roomId).hgetall(keys.details(roomId)),
  )) as [string | null, Fields];
  return row === null ? undefined : { row: decodeRow(row), ...decodeDetails(details) };
}

/**
 * The writer's last report, its age by Redis's own clock. No transaction: a full Redis refuses
 * those even to readers, and it is then that the age counts.
 */
export async function readRedisReport(
  connection: RedisConnection,
  keys: RoomKeys,
): Promise<WriterReport | undefined> {
  const [report, time] = (await readTogether(connection, (redis) =>
    redis.pipeline().hgetall(keys.report).time(),
  )) as [Fields, [string | number, string | number]];
  if (report['status'] === undefined) {
    return undefined;
  }
  const nowMs = Number(time[0]) * 1_000 + Math.floor(Number(time[1]) / 1_000);
  return {
    ...(JSON.parse(report['status']) as WriterStatus),
    epoch: Number(report['epoch']),
    ageMs: Math.max(0, nowMs - Number(report['reportedAt'])),
  };
}

/** Sends several commands at once; one that fails fails all. */
function readTogether(
  connection: RedisConnection,
  queue: (redis: RedisClient) => ChainableCommander,
): Promise<unknown[]> {
  return connection.run(async (redis) => {
    const replies = await queue(redis).exec();
    if (replies === null) {
      throw storeUnavailable('Redis gave a transaction up.');
    }
    return replies.map(([error, value]) => {
      if (error !== null) throw error;
      return value;
    });
  });
}
