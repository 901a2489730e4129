/**
 * Notes that the writer lives, with the time by Redis's clock; also the idle writer's way to
 * notice that it was replaced or that the store lost what it wrote.
 *
 * KEYS: 1 meta, 2 rooms, 3 report
 * ARGV: 1 epoch, 2 incarnation, 3 revision that this writer saw confirmed last, 4 status as JSON
 * Returns: 'done'; or 'fenced'; or 'lost'
 */
import { luaScript } from './lua-script.js';
import { WRITER_FUNCTIONS } from './shared-functions.js';

export const REPORT_WRITER = luaScript(
  WRITER_FUNCTIONS,
  `
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'incarnation', 'revision', 'rooms')
local refused = refusal(meta[1], ARGV[1], meta[2], ARGV[2])
if refused then
  return { refused }
end
if tonumber(meta[3]) < tonumber(ARGV[3])
  or redis.call('HLEN', KEYS[2]) ~= tonumber(meta[4]) then
  return { 'lost' }
end
redis.call('HSET', KEYS[3], 'epoch', ARGV[1], 'reportedAt', asText(clockMs()), 'status', ARGV[4])
return { 'done' }
`,
);
