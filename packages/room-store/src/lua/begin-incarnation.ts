/**
 * Begins a new incarnation for the writer that has the place, or that had it last before the
 * store was lost. Its epoch stays its own, so that a newer writer, once it comes, still wins.
 *
 * KEYS: 1 meta, 2 rooms, 3 changes
 * ARGV: 1 epoch, 2 revision that this writer saw last, 3 incarnation
 * Returns: 'done', revision, number of rooms that are still there; or 'fenced'
 */
import { luaScript } from './lua-script.js';
import { STREAM_FUNCTIONS, WRITER_FUNCTIONS } from './shared-functions.js';

export const BEGIN_INCARNATION = luaScript(
  WRITER_FUNCTIONS,
  STREAM_FUNCTIONS,
  `
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'revision')
local epoch = tonumber(ARGV[1])
if (tonumber(meta[1]) or 0) > epoch then
  return { 'fenced' }
end
local revision = nextNumber(math.max(tonumber(meta[2]) or 0, tonumber(ARGV[2])))
beginIncarnation(KEYS[1], KEYS[2], KEYS[3], epoch, ARGV[3], revision)
return { 'done', asText(revision), redis.call('HLEN', KEYS[2]) }
`,
);
