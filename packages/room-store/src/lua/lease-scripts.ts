/** The lease between two openings of a writer: renewed, released, and looked at. */
import { luaScript } from './lua-script.js';
import { WRITER_FUNCTIONS } from './shared-functions.js';

/**
 * Makes the lease last anew. A full Redis refuses to set keys, but not to prolong them.
 *
 * KEYS: 1 meta, 2 lease
 * ARGV: 1 epoch, 2 holder as it is stored, 3 lease in ms
 * Returns: 'done'; or 'fenced'; or 'lost'
 */
export const RENEW_LEASE = luaScript(
  WRITER_FUNCTIONS,
  `
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'incarnation')
local refused = refusal(meta[1], ARGV[1], meta[2], meta[2])
if refused then
  return { refused }
end
if redis.call('GET', KEYS[2]) ~= ARGV[2] or redis.call('PEXPIRE', KEYS[2], ARGV[3]) == 0 then
  redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
end
return { 'done' }
`,
);

/**
 * Ends the lease, if it is the holder's.
 *
 * KEYS: 1 lease
 * ARGV: 1 holder as it is stored
 */
export const RELEASE_LEASE = luaScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('DEL', KEYS[1])
end
return { 'done' }
`);

/**
 * Notes that a tracker is there, if one says so, forgets those that have not been for long, and
 * tells how the lease stands.
 *
 * KEYS: 1 meta, 2 lease, 3 trackers
 * ARGV: 1 tracker or '', 2 how many services it follows, 3 after how many ms a tracker is forgotten
 * Returns: epoch; holder or ''; how long its lease lasts in ms, negative where there is none; then
 *   for each tracker its name, age in ms, services followed
 */
export const VIEW_LEASE = luaScript(
  WRITER_FUNCTIONS,
  `
local now = clockMs()
if ARGV[1] ~= '' then
  redis.call('HSET', KEYS[3], ARGV[1], asText(now) .. ' ' .. ARGV[2])
end
local answer = {
  redis.call('HGET', KEYS[1], 'epoch') or '0',
  redis.call('GET', KEYS[2]) or '',
  asText(redis.call('PTTL', KEYS[2])),
}
local entries = redis.call('HGETALL', KEYS[3])
for i = 1, #entries, 2 do
  local at, followed = string.match(entries[i + 1], '^(%d+) (%d+)$')
  local age = math.max(0, now - (tonumber(at) or 0))
  if age > tonumber(ARGV[3]) then
    redis.call('HDEL', KEYS[3], entries[i])
  else
    table.insert(answer, entries[i])
    table.insert(answer, asText(age))
    table.insert(answer, followed)
  end
end
return answer
`,
);
