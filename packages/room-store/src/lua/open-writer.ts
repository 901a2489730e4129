/**
 * Takes the writer's place. The epoch rises; a live picture becomes stale since the last writer
 * was last known alive; one entry of the stream says so. Where there is no store, or its rooms
 * are gone (evicted, deleted), a new incarnation begins.
 *
 * KEYS: 1 meta, 2 rooms, 3 changes, 4 report, 5 lease
 * ARGV: 1 incarnation, should a new one begin; 2 how many changes to keep; and of the claim, all
 *   empty without one: 3 holder as it is stored, 4 what a lease begins with that hinders not,
 *   5 lease in ms, 6 epoch of the writer seen last; then 7 how many bytes of the
 *   stream to keep
 * Returns: 'done', epoch, incarnation, revision; or 'held', and by whom where that is known
 */
import { luaScript } from './lua-script.js';
import { STREAM_FUNCTIONS, WRITER_FUNCTIONS } from './shared-functions.js';

export const OPEN_WRITER = luaScript(
  WRITER_FUNCTIONS,
  STREAM_FUNCTIONS,
  `
local meta = redis.call('HMGET', KEYS[1],
  'epoch', 'incarnation', 'revision', 'picture', 'rooms', 'kept', 'committedAt', 'keptBytes')
if ARGV[3] ~= '' then
  local holder = redis.call('GET', KEYS[5])
  local isOwn = holder == ARGV[3]
    or (holder and ARGV[4] ~= '' and string.sub(holder, 1, #ARGV[4]) == ARGV[4])
  if holder and not isOwn then
    return { 'held', holder }
  end
  if (tonumber(meta[1]) or 0) < tonumber(ARGV[6]) then
    return { 'held' }
  end
end
local epoch = nextNumber(meta[1])
local incarnation = meta[2]
local revision = nextNumber(meta[3])

local function takeLease()
  if ARGV[3] == '' then
    redis.call('DEL', KEYS[5])
  else
    redis.call('SET', KEYS[5], ARGV[3], 'PX', ARGV[5])
  end
end

if not incarnation or redis.call('HLEN', KEYS[2]) ~= tonumber(meta[5]) then
  beginIncarnation(KEYS[1], KEYS[2], KEYS[3], epoch, ARGV[1], revision)
  takeLease()
  return { 'done', asText(epoch), ARGV[1], asText(revision) }
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
redis.call('HSET', KEYS[1], appendEntry(KEYS[3], revision, 1, { meta[6], meta[8] },
  { ARGV[2], ARGV[7] }, fields))
redis.call('HSET', KEYS[1], 'epoch', asText(epoch), 'revision', asText(revision),
  'picture', picture, 'base', '', 'commitId', '')
takeLease()
return { 'done', asText(epoch), incarnation, asText(revision) }
`,
);
