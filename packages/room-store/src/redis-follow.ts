/** Following the change stream in Redis, on a connection of its own, as a waiting one is busy. */
import { ConferenceError } from '@conference/muc';
import type { RedisAddress } from './redis-client.js';
import { RedisConnection } from './redis-connection.js';
import { readMeta } from './redis-snapshot.js';
import type { RoomKeys } from './room-keys.js';
import type { ChangeBatch, Cursor } from './room-store.js';
import { decodeEntry, entryId, type StreamEntry } from './stored-form.js';

const ENTRIES_AT_ONCE = 16;

export interface FollowOptions {
  readonly address: RedisAddress;
  readonly keys: RoomKeys;
  readonly commandTimeoutMs: number;
  /** How long one read waits for a change before the place is checked, in ms. */
  readonly blockMs: number;
}

/**
 * The changes after a cursor until the signal aborts. A lost connection ends it with
 * `store-unavailable`, for whoever follows can follow again from the last batch it saw.
 */
export async function* followRedis(
  options: FollowOptions,
  cursor: Cursor,
  signal: AbortSignal,
): AsyncGenerator<ChangeBatch, void, undefined> {
  if (signal.aborted) {
    return;
  }
  const connection = new RedisConnection({
    address: options.address,
    commandTimeoutMs: options.blockMs + options.commandTimeoutMs,
    isReconnecting: false,
  });
  // Whoever aborts need not ask for another batch.
  const close = (): void => connection.close();
  signal.addEventListener('abort', close, { once: true });
  const reader = new StreamReader(connection, options, cursor);
  try {
    for (;;) {
      const entries = await unlessAborted(reader.readNext(), signal);
      // Each is decoded when it is asked for: all at once would take long.
      for (const entry of entries ?? []) {
        if (signal.aborted) {
          return;
        }
        yield reader.advance(entry);
      }
      if (signal.aborted) {
        return;
      }
    }
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
}

/**
 * What the work brings, or nothing as soon as the signal aborts. A race with one promise for the
 * whole life of a reader would keep every batch that ever took part.
 */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const end = (): void => resolve(undefined);
    signal.addEventListener('abort', end, { once: true });
    const forget = (): void => signal.removeEventListener('abort', end);
    work.finally(forget).then(resolve, reject);
  });
}

class StreamReader {
  /** Whether the last read brought nothing: then the place must be checked. */
  #isIdle = true;

  constructor(
    private readonly connection: RedisConnection,
    private readonly options: FollowOptions,
    private place: Cursor,
  ) {}

  /**
   * The next entries, none where the time to wait is over. A flush or a restore makes no entry,
   * so an idle reader compares its place with the meta hash.
   */
  async readNext(): Promise<readonly StreamEntry[]> {
    const isBehind = this.#isIdle && (await this.#isBehind());
    const entries = await this.#read(isBehind);
    if (entries.length === 0 && isBehind) {
      throw cursorLost();
    }
    this.#isIdle = entries.length === 0;
    return entries;
  }

  /** The batch of an entry, if it follows upon the place; fails with `cursor-lost`. */
  advance(entry: StreamEntry): ChangeBatch {
    const chained = decodeEntry(entry);
    if (
      chained?.previous !== this.place.revision ||
      chained.batch.cursor.incarnation !== this.place.incarnation
    ) {
      throw cursorLost();
    }
    this.place = chained.batch.cursor;
    return chained.batch;
  }

  async #isBehind(): Promise<boolean> {
    const { cursor } = await readMeta(this.connection, this.options.keys);
    if (cursor.incarnation !== this.place.incarnation || cursor.revision < this.place.revision) {
      throw cursorLost();
    }
    return cursor.revision > this.place.revision;
  }

  async #read(isBehind: boolean): Promise<readonly StreamEntry[]> {
    const { keys, blockMs } = this.options;
    const id = entryId(this.place.revision);
    const reply = await this.connection.run((redis) =>
      isBehind
        ? redis.xread('COUNT', ENTRIES_AT_ONCE, 'STREAMS', keys.changes, id)
        : redis.xread('COUNT', ENTRIES_AT_ONCE, 'BLOCK', blockMs, 'STREAMS', keys.changes, id),
    );
    return reply?.[0]?.[1] ?? [];
  }
}

function cursorLost(): ConferenceError {
  return new ConferenceError(
    'cursor-lost',
    'The place in the change stream is gone: the changes are no more kept, or the store began anew.',
  );
}
