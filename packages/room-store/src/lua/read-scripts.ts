/**
 * What readers ask of one moment. Scripts and not transactions, which a full Redis refuses to
 * readers too; nor pipelines, which the client of a cluster does not send on where a slot has moved.
 */
import { luaScript } from './lua-script.js';

/**
 * KEYS: 1 rooms, 2 details of the room
 * ARGV: 1 roomId
 * Returns: the row or nil; fields and values of the details by turns
 */
export const READ_ROOM = luaScript(`
return { redis.call('HGET', KEYS[1], ARGV[1]), redis.call('HGETALL', KEYS[2]) }
`);

/**
 * KEYS: 1 report
 * Returns: the time by Redis's own clock, as TIME; fields and values of the report by turns
 */
export const READ_REPORT = luaScript(`
return { redis.call('TIME'), redis.call('HGETALL', KEYS[1]) }
`);
