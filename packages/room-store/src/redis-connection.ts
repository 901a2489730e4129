/** One connection to Redis: deadlines for everything, reconnects with backoff, quiet failures. */
import { createRedisClient, type RedisAddress, type RedisClient } from './redis-client.js';
import { nodeFailureOf, replyConditionOf, storeUnavailable, toStoreError } from './redis-error.js';

/** What the store says of its connection goes here; a logger of the service fits. */
export interface StoreLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface RedisConnectionOptions {
  readonly address: RedisAddress;
  /** The longest that one command may take, the time to connect included, in ms. */
  readonly commandTimeoutMs: number;
  /** Whether a lost connection is made anew; without it, the first loss is final. */
  readonly isReconnecting: boolean;
  /** Told once when an outage begins and once when it ends. */
  readonly logger?: StoreLogger;
}

export class RedisConnection {
  readonly #redis: RedisClient;
  readonly #options: RedisConnectionOptions;
  #lastFailure: unknown;
  #isDown = false;
  #isClosed = false;

  constructor(options: RedisConnectionOptions) {
    this.#options = options;
    const { address, commandTimeoutMs, isReconnecting } = options;
    this.#redis = createRedisClient(address, commandTimeoutMs, isReconnecting);
    this.#redis.on('error', (error: Error) => this.#noteFailure(error));
    this.#redis.on('connecting', () => (this.#lastFailure = undefined));
    this.#redis.on('close', () => this.#noteDown(this.#lastFailure));
    this.#redis.on('ready', () => this.#noteUp());
  }

  /**
   * Runs a command, or several that belong together. Waits for a connection that is being made;
   * fails at once while it is known to be down.
   * Fails with `store-unavailable`; the command may have taken effect all the same.
   */
  async run<T>(
    command: (redis: RedisClient) => Promise<T>,
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
      const result = await Promise.race([this.#runWhenReady(command, deadline.signal), silence]);
      this.#noteNodeUp();
      return result;
    } catch (error) {
      this.#noteNodeDown(error);
      // The client closes the connection upon this answer, and says no more why.
      if (replyConditionOf(error) === 'READONLY') this.#lastFailure = error;
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

  async #runWhenReady<T>(
    command: (redis: RedisClient) => Promise<T>,
    deadline: AbortSignal,
  ): Promise<T> {
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

  /** The client goes on with database 0 where it is refused the one that it asked for. */
  #noteFailure(error: Error): void {
    const isRefused = this.#redis.status === 'connect' && replyConditionOf(error) !== undefined;
    // What follows a refusal are the failures of a connection that we end ourselves.
    if (isRefused || replyConditionOf(this.#lastFailure) === undefined) {
      this.#lastFailure = nodeFailureOf(error);
    }
    if (isRefused) {
      this.#redis.disconnect(true);
    }
  }

  /** The client of a cluster stays connected while the one node that we need is away. */
  #noteNodeDown(failure: unknown): void {
    if (this.#options.address.isCluster === true && replyConditionOf(failure) === undefined) {
      this.#noteDown(failure);
    }
  }

  #noteNodeUp(): void {
    if (this.#options.address.isCluster === true) {
      this.#noteUp();
    }
  }

  #noteDown(failure: unknown): void {
    if (!this.#isDown && !this.#isClosed) {
      this.#isDown = true;
      this.#options.logger?.warn({ reason: reasonOf(failure) }, 'Redis is away');
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

function reasonOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : 'the connection was closed';
}
