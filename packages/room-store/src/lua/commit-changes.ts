/**
 * One commit: rows, details, picture and the entry of the stream, all or nothing.
 *
 * The writer names the revision that it saw confirmed last (its base). Where answers were lost,
 * the store may already stand on later commits of the same writer; these remember the same base.
 * A repeat of the newest commit, known by its id, changes nothing. Anything else that differs
 * from what the writer saw means that the store lost something: `'lost'`.
 *
 * The entry tells only the rows that differ from those stored: whoever begins anew writes every
 * room, and readers hear of what is new.
 *
 * KEYS: 1 meta, 2 rooms, 3 changes, then the details of each removed room, then those of each room
 *   whose details change
 * ARGV: 1 epoch, 2 incarnation, 3 base, 4 commit id, 5 how many changes to keep, 6 picture or '',
 *   7 observedAtMs or '', 8 roomIds removed as JSON, 9 number of rooms removed, 10 number of rows
 *   put, 11 number of rooms whose details change, 12 how many bytes of the stream to keep; then the
 *   roomIds removed; then roomId and row for each row; then for each room whose details change:
 *   '1' to forget its details first or '0', and two lists with their lengths before them: fields
 *   removed, and fields put with their values; the length of the latter counts both
 * Returns: 'done', revision; or 'fenced'; or 'lost'
 */
import { luaScript } from './lua-script.js';
import { STREAM_FUNCTIONS, WRITER_FUNCTIONS } from './shared-functions.js';

export const COMMIT_CHANGES = luaScript(
  WRITER_FUNCTIONS,
  STREAM_FUNCTIONS,
  `
local meta = redis.call('HMGET', KEYS[1],
  'epoch', 'incarnation', 'revision', 'rooms', 'kept', 'base', 'commitId', 'keptBytes')
local refused = refusal(meta[1], ARGV[1], meta[2], ARGV[2])
if refused then
  return { refused }
end
if (meta[3] ~= ARGV[3] and meta[6] ~= ARGV[3])
  or redis.call('HLEN', KEYS[2]) ~= tonumber(meta[4]) then
  return { 'lost' }
end
if meta[7] == ARGV[4] then
  return { 'done', meta[3] }
end

local removed = tonumber(ARGV[9])
local put = tonumber(ARGV[10])
local detailed = tonumber(ARGV[11])
if removed + put == 0 and ARGV[6] == '' then
  return { 'done', meta[3] }
end

local argument = 13
local function takeNumber()
  argument = argument + 1
  return tonumber(ARGV[argument - 1])
end
-- Lua's stack bounds how many arguments one call can have.
local function callWith(command, key, count)
  local total = 0
  while count > 0 do
    local size = math.min(count, 1000)
    total = total + redis.call(command, key, unpack(ARGV, argument, argument + size - 1))
    argument = argument + size
    count = count - size
  end
  return total
end
-- The rows that are not stored as they are, of pairs of roomId and row.
local function rowsThatDiffer(first, count)
  local rows = {}
  for start = first, first + 2 * (count - 1), 2000 do
    local roomIds = {}
    for place = start, math.min(start + 1998, first + 2 * (count - 1)), 2 do
      table.insert(roomIds, ARGV[place])
    end
    for index, stored in ipairs(redis.call('HMGET', KEYS[2], unpack(roomIds))) do
      local row = ARGV[start + 2 * index - 1]
      if row ~= stored then
        table.insert(rows, row)
      end
    end
  end
  return rows
end

local fields = { 'incarnation', ARGV[2], 'previous', meta[3] }
local function addField(name, value)
  table.insert(fields, name)
  table.insert(fields, value)
end
local rows = rowsThatDiffer(argument + removed, put)
if #rows > 0 then
  addField('put', '[' .. table.concat(rows, ',') .. ']')
end
if removed > 0 then
  addField('removed', ARGV[8])
end
if ARGV[6] ~= '' then
  addField('picture', ARGV[6])
end
if ARGV[7] ~= '' then
  addField('observed', ARGV[7])
end
local revision = tonumber(meta[3]) + 1
local weight = math.max(1, removed + #rows)
redis.call('HSET', KEYS[1], appendEntry(KEYS[3], revision, weight, { meta[5], meta[8] },
  { ARGV[5], ARGV[12] }, fields))

local rooms = tonumber(meta[4])
rooms = rooms - callWith('HDEL', KEYS[2], removed)
rooms = rooms + callWith('HSET', KEYS[2], 2 * put)
local nextKey = 4
for _ = 1, removed do
  redis.call('UNLINK', KEYS[nextKey])
  nextKey = nextKey + 1
end
for _ = 1, detailed do
  local details = KEYS[nextKey]
  nextKey = nextKey + 1
  if takeNumber() == 1 then
    redis.call('UNLINK', details)
  end
  callWith('HDEL', details, takeNumber())
  callWith('HSET', details, takeNumber())
end

redis.call('HSET', KEYS[1], 'revision', asText(revision), 'rooms', asText(rooms),
  'base', ARGV[3], 'commitId', ARGV[4], 'committedAt', asText(clockMs()))
if ARGV[6] ~= '' then
  redis.call('HSET', KEYS[1], 'picture', ARGV[6])
end
return { 'done', asText(revision) }
`,
);
