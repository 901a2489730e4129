import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, jest } from '@jest/globals';
import { type RunningRedis, startRedis } from '../../../test/servers/redis.js';
import { createRedisRoomStore } from './redis-room-store.js';
import { describeRoomStore } from './room-store.contract.js';

// Real servers on a machine that does other things too.
jest.setTimeout(30_000);

let redis: RunningRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

describeRoomStore('Redis store', {
  propertyRuns: 30,
  open: (options = {}) => {
    const keyPrefix = `contract-${randomUUID()}`;
    const connect = (mucService: string) =>
      createRedisRoomStore({ redisUrl: redis.url, keyPrefix, mucService, ...options });
    const store = connect('conference.localhost');
    const reader = connect('conference.localhost');
    const otherService = connect('other.localhost');
    return Promise.resolve({
      store,
      reader,
      otherService,
      close: async () => {
        await Promise.all([store.close(), reader.close(), otherService.close()]);
      },
    });
  },
});
