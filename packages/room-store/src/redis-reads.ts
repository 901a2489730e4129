/** Small consistent reads out of Redis: one room whole, the writer's report. */
import { READ_REPORT, READ_ROOM } from './lua/read-scripts.js';
import { runScript } from './lua/lua-script.js';
import type { RedisConnection } from './redis-connection.js';
import type { RoomKeys } from './room-keys.js';
import type { RoomDetail, WriterReport, WriterStatus } from './room-store.js';
import { decodeDetails } from './stored-details.js';
import { decodeRow, pairsOf } from './stored-form.js';

/** Row, occupants and affiliations of one moment. */
export async function readRedisRoom(
  connection: RedisConnection,
  keys: RoomKeys,
  roomId: string,
): Promise<RoomDetail | undefined> {
  const [row, details] = (await connection.run((redis) =>
    runScript(redis, READ_ROOM, [keys.rooms, keys.details(roomId)], [roomId]),
  )) as [string | null, string[]];
  const decoded = row === null ? undefined : decodeRow(roomId, row);
  return decoded && { row: decoded, ...decodeDetails(Object.fromEntries(pairsOf(details))) };
}

/** The writer's last report, its age by Redis's own clock. */
export async function readRedisReport(
  connection: RedisConnection,
  keys: RoomKeys,
): Promise<WriterReport | undefined> {
  const [[seconds, microseconds], fields] = (await connection.run((redis) =>
    runScript(redis, READ_REPORT, [keys.report], []),
  )) as [[string, string], string[]];
  const report = new Map(pairsOf(fields));
  const status = report.get('status');
  if (status === undefined) return undefined;
  const nowMs = Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
  return {
    ...(JSON.parse(status) as WriterStatus),
    epoch: Number(report.get('epoch')),
    ageMs: Math.max(0, nowMs - Number(report.get('reportedAt'))),
  };
}
