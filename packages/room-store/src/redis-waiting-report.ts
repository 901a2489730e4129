/** What a tracker that may not write says of itself, in Redis: one key that expires. */
import type { RedisConnection } from './redis-connection.js';
import type { RoomKeys } from './room-keys.js';
import { WAITING_TTL_MS, type WriterStatus } from './room-store.js';

/** Keeps the status for {@link WAITING_TTL_MS}. */
export async function writeRedisWaitingReport(
  connection: RedisConnection,
  keys: RoomKeys,
  { dependencies, metrics, capabilities }: WriterStatus,
): Promise<void> {
  const text = JSON.stringify({ dependencies, metrics, capabilities });
  await connection.run((redis) => redis.set(keys.waiting, text, 'PX', WAITING_TTL_MS));
}

/** The status that was kept last, unless it has expired. */
export async function readRedisWaitingReport(
  connection: RedisConnection,
  keys: RoomKeys,
): Promise<WriterStatus | undefined> {
  const text = await connection.run((redis) => redis.get(keys.waiting));
  return text === null ? undefined : (JSON.parse(text) as WriterStatus);
}
