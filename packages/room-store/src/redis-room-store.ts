/** The store that many processes share: rooms, details and changes in Redis. */
import { keptChanges } from './change-log.js';
import { followRedis } from './redis-follow.js';
import type { RedisAddress } from './redis-client.js';
import { RedisConnection, type StoreLogger } from './redis-connection.js';
import { viewRedisLease } from './redis-lease.js';
import { openRedisWriter } from './redis-room-writer.js';
import { readRedisSnapshot } from './redis-snapshot.js';
import { readRedisReport, readRedisRoom } from './redis-reads.js';
import { readRedisWaitingReport, writeRedisWaitingReport } from './redis-waiting-report.js';
import { type RoomKeys, roomKeys } from './room-keys.js';
import type {
  AnnouncedTracker,
  ChangeBatch,
  Cursor,
  LeaseClaim,
  LeaseView,
  RoomDetail,
  RoomStore,
  RoomWriter,
  Snapshot,
  WriterReport,
  WriterStatus,
} from './room-store.js';

export interface RedisRoomStoreOptions extends RedisAddress {
  /** First part of every key's name, without braces. */
  readonly keyPrefix: string;
  readonly mucService: string;
  /** Told when Redis goes away and when it is back, and of what stands in it that is no row. */
  readonly logger?: StoreLogger;
  /** The longest that one command may take, in ms; default 2,000. */
  readonly commandTimeoutMs?: number;
  /** How many changes of rooms the stream keeps for readers that fall behind; default 20,000. */
  readonly keptChanges?: number;
  /** How many bytes of them, at most but for the newest; default 32 MiB. */
  readonly keptBytes?: number;
  /** How long one read of a follower waits before it checks its place, in ms; default 1,000. */
  readonly blockMs?: number;
}

/** The store of one MUC service's rooms in Redis. Begins to connect, and goes on trying. */
export function createRedisRoomStore(options: RedisRoomStoreOptions): RoomStore {
  return new RedisRoomStore(options);
}

/** So many rooms are named in one line of the log. */
const NAMED_AT_MOST = 10;

class RedisRoomStore implements RoomStore {
  readonly mucService: string;
  readonly #options: RedisRoomStoreOptions;
  readonly #keys: RoomKeys;
  readonly #connection: RedisConnection;
  readonly #commandTimeoutMs: number;
  readonly #closing = new AbortController();

  constructor(options: RedisRoomStoreOptions) {
    this.mucService = options.mucService;
    this.#options = options;
    this.#keys = roomKeys(options.keyPrefix, options.mucService);
    this.#commandTimeoutMs = options.commandTimeoutMs ?? 2_000;
    this.#connection = new RedisConnection({
      address: options,
      commandTimeoutMs: this.#commandTimeoutMs,
      isReconnecting: true,
      ...(options.logger === undefined ? {} : { logger: options.logger }),
    });
  }

  openWriter(claim?: LeaseClaim): Promise<RoomWriter> {
    const context = {
      connection: this.#connection,
      keys: this.#keys,
      kept: keptChanges(this.#options),
    };
    return openRedisWriter(context, claim);
  }

  announceTracker(tracker: AnnouncedTracker): Promise<LeaseView> {
    return viewRedisLease(this.#connection, this.#keys, tracker);
  }

  readLease(): Promise<LeaseView> {
    return viewRedisLease(this.#connection, this.#keys);
  }

  async readSnapshot(): Promise<Snapshot> {
    const snapshot = await readRedisSnapshot(this.#connection, this.#keys);
    this.#warnOf(snapshot.malformed);
    return snapshot;
  }

  follow(cursor: Cursor, signal: AbortSignal): AsyncIterable<ChangeBatch> {
    return followRedis(
      {
        address: this.#options,
        keys: this.#keys,
        commandTimeoutMs: this.#commandTimeoutMs,
        blockMs: this.#options.blockMs ?? 1_000,
      },
      cursor,
      AbortSignal.any([signal, this.#closing.signal]),
    );
  }

  readRoom(roomId: string): Promise<RoomDetail | undefined> {
    return readRedisRoom(this.#connection, this.#keys, roomId);
  }

  readWriterReport(): Promise<WriterReport | undefined> {
    return readRedisReport(this.#connection, this.#keys);
  }

  reportWaiting(status: WriterStatus): Promise<void> {
    return writeRedisWaitingReport(this.#connection, this.#keys, status);
  }

  readWaitingReport(): Promise<WriterStatus | undefined> {
    return readRedisWaitingReport(this.#connection, this.#keys);
  }

  close(): Promise<void> {
    this.#closing.abort();
    this.#connection.close();
    return Promise.resolve();
  }

  /** By their names, and never what stands there. */
  #warnOf(malformed: readonly string[]): void {
    if (malformed.length === 0) return;
    this.#options.logger?.warn(
      {
        mucService: this.mucService,
        count: malformed.length,
        roomIds: malformed.slice(0, NAMED_AT_MOST),
      },
      'what stands in Redis for some rooms is no row, until the tracker writes them again',
    );
  }
}
