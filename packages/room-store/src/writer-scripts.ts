/** Running the scripts of a writer: their refusals become errors. */
import { ConferenceError } from '@conference/muc';
import type { KeptChanges } from './change-log.js';
import { leaseHeld } from './lease-held.js';
import { type LuaScript, runScript } from './lua/lua-script.js';
import type { RedisConnection } from './redis-connection.js';
import type { RoomKeys } from './room-keys.js';

type Outcome = 'done' | 'held' | 'fenced' | 'lost';

/** What every step of a writer needs. */
export interface WriterContext {
  readonly connection: RedisConnection;
  readonly keys: RoomKeys;
  /** How much the stream keeps. */
  readonly kept: KeptChanges;
}

/**
 * Runs a script and returns what follows `done`.
 * Fails with `writer-fenced`, `lease-held`, `store-lost`, `store-unavailable`.
 */
export async function runWriterScript(
  context: WriterContext,
  script: LuaScript,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<readonly (string | number)[]> {
  const reply = await context.connection.run((redis) => runScript(redis, script, keys, args));
  const [outcome, ...results] = reply as [Outcome, ...(string | number)[]];
  switch (outcome) {
    case 'done':
      return results;
    case 'held':
      throw leaseHeld(String(results[0] ?? '').split(' ')[0]);
    case 'fenced':
      throw new ConferenceError('writer-fenced', 'Another writer took over.');
    case 'lost':
      throw storeLost();
  }
}

/** The refusal of a writer whose store is not what it was. */
export function storeLost(): ConferenceError {
  return new ConferenceError(
    'store-lost',
    'The store does not hold what this writer wrote: everything must be written again.',
  );
}
