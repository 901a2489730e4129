import { afterAll, beforeAll, jest } from '@jest/globals';
import { type RunningRedis, startRedis } from '../../../test/servers/redis.js';
import { redisSubject } from './contract/redis-subject.contract.js';
import { describeRoomStore } from './room-store.contract.js';

// Real servers on a machine that does other things too.
jest.setTimeout(30_000);

let redis: RunningRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

describeRoomStore(
  'Redis store',
  redisSubject(() => ({ redisUrl: redis.url }), 30),
);
