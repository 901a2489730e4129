/**
 * Takes some rooms and their details out of a store that begins anew, without an entry of the
 * stream: no reader may have shown these rows as a list, and another incarnation follows.
 *
 * KEYS: 1 meta, 2 rooms, then the details of each room
 * ARGV: 1 epoch, 2 incarnation, then the roomIds
 * Returns: 'done', number of rooms that are still there; or 'fenced'; or 'lost'
 */
import { luaScript } from './lua-script.js';
import { WRITER_FUNCTIONS } from './shared-functions.js';

export const DROP_ROOMS = luaScript(
  WRITER_FUNCTIONS,
  `
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'incarnation')
local refused = refusal(meta[1], ARGV[1], meta[2], ARGV[2])
if refused then
  return { refused }
end
for index = 3, #ARGV do
  redis.call('HDEL', KEYS[2], ARGV[index])
end
for index = 3, #KEYS do
  redis.call('UNLINK', KEYS[index])
end
local rooms = redis.call('HLEN', KEYS[2])
redis.call('HSET', KEYS[1], 'rooms', rooms)
return { 'done', rooms }
`,
);
