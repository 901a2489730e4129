/** Lua functions that several scripts begin with. */

/**
 * Numbers, clock and right to write.
 *
 * - `asText(number)`: all digits; Lua would write large numbers as 1.7e+12.
 * - `clockMs()`: Redis's own clock, in ms since 1970.
 * - `nextNumber(number)`: one more, and never below the clock. Epochs and revisions are counted
 *   so, because then they also grow where the store was flushed or restored from an older state.
 * - `refusal(stored, own, storedIncarnation, incarnation)`: `'fenced'` where a newer writer has
 *   the place, `'lost'` where the store knows this writer or its incarnation no more, else nil.
 */
export const WRITER_FUNCTIONS = `
local function asText(number)
  return string.format('%.0f', number)
end

local function clockMs()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local function nextNumber(number)
  return math.max((tonumber(number) or 0) + 1, clockMs())
end

local function refusal(stored, own, storedIncarnation, incarnation)
  local epoch = tonumber(stored)
  if epoch and epoch > tonumber(own) then
    return 'fenced'
  end
  if epoch ~= tonumber(own) or storedIncarnation ~= incarnation then
    return 'lost'
  end
  return nil
end
`;

/**
 * The change stream.
 *
 * - `appendEntry(key, revision, weight, kept, limits, fields)`: appends an entry, drops the oldest
 *   while more than `limits` is kept (never the new one), returns what is kept now, as fields of
 *   meta. `kept` and `limits` are numbers of changes and of bytes; `weight` and `bytes` are the
 *   entry's first fields. XADD comes first in every script that has not written yet: it is refused
 *   while Redis is full, and then nothing at all has happened.
 * - `beginIncarnation(metaKey, roomsKey, changesKey, epoch, incarnation, revision)`: the store
 *   begins anew with a picture that is loading; what is in the rooms hash stays.
 */
export const STREAM_FUNCTIONS = `
local function appendEntry(key, revision, weight, kept, limits, fields)
  local bytes = 0
  for _, field in ipairs(fields) do
    bytes = bytes + #field
  end
  redis.call('XADD', key, asText(revision) .. '-0', 'weight', asText(weight),
    'bytes', asText(bytes), unpack(fields))
  local keptChanges = (tonumber(kept[1]) or 0) + weight
  local keptBytes = (tonumber(kept[2]) or 0) + bytes
  local length = redis.call('XLEN', key)
  while (keptChanges > tonumber(limits[1]) or keptBytes > tonumber(limits[2])) and length > 1 do
    local oldest = redis.call('XRANGE', key, '-', '+', 'COUNT', 1)[1]
    redis.call('XDEL', key, oldest[1])
    keptChanges = keptChanges - tonumber(oldest[2][2])
    keptBytes = keptBytes - tonumber(oldest[2][4])
    length = length - 1
  end
  if length == 1 then
    keptChanges, keptBytes = weight, bytes
  end
  return 'kept', asText(keptChanges), 'keptBytes', asText(keptBytes)
end

local function beginIncarnation(metaKey, roomsKey, changesKey, epoch, incarnation, revision)
  redis.call('HSET', metaKey, 'epoch', asText(epoch), 'incarnation', incarnation,
    'revision', asText(revision), 'picture', 'loading', 'rooms', redis.call('HLEN', roomsKey),
    'base', '', 'commitId', '', 'committedAt', '')
  redis.call('UNLINK', changesKey)
  redis.call('HSET', metaKey, appendEntry(changesKey, revision, 1, { 0, 0 }, { 1, 0 },
    { 'incarnation', incarnation, 'previous', '0', 'picture', 'loading' }))
end
`;
