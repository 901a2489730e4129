/**
 * Takes the writer's place. The epoch rises; a live picture becomes stale since the last writer
 * was last known alive; one entry of the stream says so. Where there is no store, or its rooms
 * are gone (evicted, deleted), a new incarnation begins.
 *
 * KEYS: 1 meta, 2 rooms, 3 changes, 4 report
 * ARGV: 1 incarnation, should a new one begin; 2 how many changes to keep
 * Returns: epoch, incarnation, revision
 */
import { luaScript } from './lua-script.js';
import { STREAM_FUNCTIONS, WRITER_FUNCTIONS } from './shared-functions.js';

export const OPEN_WRITER = luaScript(
  WRITER_FUNCTIONS,
  STREAM_FUNCTIONS,
  `
local meta = redis.call('HMGET', KEYS[1],
  'epoch', 'incarnation', 'revision', 'picture', 'rooms', 'kept', 'committedAt')
local epoch = nextNumber(meta[1])
local incarnation = meta[2]
local revision = nextNumber(meta[3])

if not incarnation or redis.call('HLEN', KEYS[2]) ~= tonumber(meta[5]) then
  beginIncarnation(KEYS[1], KEYS[2], KEYS[3], epoch, ARGV[1], revision)
  return { asText(epoch), ARGV[1], asText(revision) }
end

local picture = meta[4]
local fields = { 'incarnation', incarnation, 'previous', meta[3] }
if string.sub(picture, 1, 4) == 'live' then
  local reportedAt = tonumber(redis.call('HGET', KEYS[4], 'reportedAt')) or 0
  local aliveAt = math.max(reportedAt, tonumber(meta[7]) or 0)
  picture = 'stale ' .. asText(aliveAt > 0 and aliveAt or clockMs())
  table.insert(fields, 'picture')
  table.insert(fields, picture)
end
local kept = appendEntry(KEYS[3], revision, 1, tonumber(meta[6]), tonumber(ARGV[2]), fields)
redis.call('HSET', KEYS[1], 'epoch', asText(epoch), 'revision', asText(revision),
  'picture', picture, 'kept', kept, 'base', '', 'commitId', '')
return { asText(epoch), incarnation, asText(revision) }
`,
);
