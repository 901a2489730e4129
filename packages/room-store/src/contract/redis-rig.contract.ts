/** A Redis of its own with stores, a client for the administrator, and the end of them all. */
import { randomUUID } from 'node:crypto';
import { askRedis } from '../../../../test/servers/redis-admin.js';
import {
  startRedis,
  type RedisOptions,
  type RunningRedis,
} from '../../../../test/servers/redis.js';
import { createRedisRoomStore, type RedisRoomStoreOptions } from '../redis-room-store.js';
import type { RoomStore } from '../room-store.js';

export interface RedisRig {
  readonly redis: RunningRedis;
  readonly keyPrefix: string;
  /** A store with short time-outs over this Redis. */
  store(options?: Partial<RedisRoomStoreOptions>): RoomStore;
  /** Runs one command as an administrator would. */
  admin(command: string, ...args: (string | number)[]): Promise<unknown>;
  stop(): Promise<void>;
}

/** Time-outs short enough for tests of silence, long enough for a busy machine. */
export const COMMAND_TIMEOUT_MS = 600;
export const BLOCK_MS = 200;

export async function startRedisRig(options: RedisOptions = {}): Promise<RedisRig> {
  const redis = await startRedis(options);
  const keyPrefix = `test-${randomUUID()}`;
  const stores: RoomStore[] = [];
  return {
    redis,
    keyPrefix,
    store(storeOptions = {}) {
      const store = createRedisRoomStore({
        redisUrl: redis.url,
        keyPrefix,
        mucService: 'conference.localhost',
        commandTimeoutMs: COMMAND_TIMEOUT_MS,
        blockMs: BLOCK_MS,
        ...storeOptions,
      });
      stores.push(store);
      return store;
    },
    admin: (command, ...args) => askRedis(redis.url, command, ...args),
    async stop() {
      await Promise.all(stores.map((store) => store.close()));
      await redis.stop();
    },
  };
}
