/** Lua scripts: text, digest, and how one is run. */
import { createHash } from 'node:crypto';
import type { RedisClient } from '../redis-client.js';
import { replyConditionOf } from '../redis-error.js';

export interface LuaScript {
  readonly text: string;
  /** SHA-1 of the text, by which Redis knows a script that it has seen. */
  readonly sha: string;
}

/** Makes a script of its parts: shared functions first. */
export function luaScript(...parts: readonly string[]): LuaScript {
  const text = parts.join('\n');
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

/**
 * Runs a script in one step of Redis; sends its text only where Redis does not know it (after a
 * restart). Arguments may be some 100,000. Fails as the Redis client does.
 */
export async function runScript(
  redis: RedisClient,
  script: LuaScript,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await redis.call('evalsha', [script.sha, keys.length, ...keys, ...args]);
  } catch (error) {
    if (replyConditionOf(error) !== 'NOSCRIPT') {
      throw error;
    }
    return redis.call('eval', [script.text, keys.length, ...keys, ...args]);
  }
}
