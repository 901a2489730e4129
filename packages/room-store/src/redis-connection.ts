/** One connection to Redis: deadlines for everything, reconnects with backoff, quiet failures. */
import { Redis } from 'ioredis';
import { replyConditionOf, storeUnavailable, toStoreError } from './redis-error.js';

/** What the store says of its connection goes here; a logger of the service fits. */
export interface StoreLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface RedisConnectionOptions {
  readonly redisUrl: string;
  /** The longest that one command may take, the time to connect included, in ms. */
  readonly commandTimeoutMs: number;
  /** Whether a lost connection is made anew; without it, the first loss is final. */
  readonly isReconnecting: boolean;
  /** Told once when an outage begins and once when it ends. */
  readonly logger?: StoreLogger;
}

const FIRST_RETRY_MS = 50;
/** However long Redis was away, it is found soon after its return. */
const LONGEST_RETRY_MS = 500;
/** How long a peer that does not answer may hold up the end of a connection, in ms. */
const DISCONNECT_TIMEOUT_MS = 100;

export class RedisConnection {
  readonly #redis: Redis;
  readonly #options: RedisConnectionOptions;
  #lastFailure: unknown;
  #isDown = false;
  #isClosed = false;

  constructor(options: RedisConnectionOptions) {
    this.#options = options;
    this.#redis = new Redis(options.redisUrl, {
      protocol: 2,
      connectionName: 'conference',
      disableClientInfo: true,
      connectTimeout: options.commandTimeoutMs,
      // A connection that is silent while an answer is due is given up and replaced.
      socketTimeout: options.commandTimeoutMs,
      disconnectTimeout: DISCONNECT_TIMEOUT_MS,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: options.isReconnecting ? retryDelayMs : null,
      // A server that was made a replica keeps its connections: look where the name points now.
      reconnectOnError: (error) => replyConditionOf(error) === 'READONLY',
    });
    this.#redis.on('error', (error) => (this.#lastFailure = error));
    this.#redis.on('close', () => this.#noteDown());
    this.#redis.on('ready', () => this.#noteUp());
  }

  /**
   * Runs a command, or several that belong together. Waits for a connection that is being made;
   * fails at once while it is known to be down.
   * Fails with `store-unavailable`; the command may have taken effect all the same.
   */
  async run<T>(
    command: (redis: Redis) => Promise<T>,
    timeoutMs = this.#options.commandTimeoutMs,
  ): Promise<T> {
    const deadline = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        deadline.abort();
        reject(storeUnavailable('Redis did not answer in time.'));
      }, timeoutMs);
    });
    try {
      return await Promise.race([this.#runWhenReady(command, deadline.signal), silence]);
    } catch (error) {
      throw toStoreError(error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the connection for good; commands under way fail. May be called twice. */
  close(): void {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#redis.disconnect();
    }
  }

  async #runWhenReady<T>(command: (redis: Redis) => Promise<T>, deadline: AbortSignal): Promise<T> {
    if (this.#isClosed) {
      throw storeUnavailable('The store is closed.', { isRetryable: false });
    }
    if (this.#redis.status === 'connecting' || this.#redis.status === 'connect') {
      await this.#connected(deadline);
    }
    if (this.#redis.status !== 'ready') {
      throw toStoreError(this.#lastFailure ?? new Error('the connection is closed'));
    }
    return command(this.#redis);
  }

  /** Resolves when the attempt to connect has come to its end, or at the deadline. */
  #connected(deadline: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        this.#redis.off('ready', finish);
        this.#redis.off('close', finish);
        this.#redis.off('end', finish);
        deadline.removeEventListener('abort', finish);
        resolve();
      };
      this.#redis.once('ready', finish);
      this.#redis.once('close', finish);
      this.#redis.once('end', finish);
      deadline.addEventListener('abort', finish);
    });
  }

  #noteDown(): void {
    if (!this.#isDown && !this.#isClosed) {
      this.#isDown = true;
      this.#options.logger?.warn({ reason: reasonOf(this.#lastFailure) }, 'Redis is away');
    }
  }

  #noteUp(): void {
    this.#lastFailure = undefined;
    if (this.#isDown) {
      this.#isDown = false;
      this.#options.logger?.info({}, 'Redis answers again');
    }
  }
}

/** Exponential, capped, jittered; the client starts again at 1 after a connection that was ready. */
function retryDelayMs(attempt: number): number {
  const fullMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt - 1, 10));
  return Math.round(fullMs * (0.5 + Math.random() / 2));
}

function reasonOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : 'the connection was closed';
}
