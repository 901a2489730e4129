/** Redis is there, and forgets everything or takes no writes. */
import { afterAll, beforeAll, test } from '@jest/globals';
import { onEachBackend } from '../backends/all-backends.js';
import { freePorts } from '../servers/free-port.js';
import { FaultRig } from './fault-rig.js';
import { askRedis, strikeRedis, untilAway } from './redis-strikes.js';

// The fault's end is when Redis has been told to take writes again.
onEachBackend((backend) => {
  let rig: FaultRig;

  beforeAll(async () => {
    rig = await FaultRig.start(backend);
  });

  afterAll(() => rig.stop());

  test('flushed', () =>
    strikeRedis(rig, 'FLUSHALL', () => askRedis(rig, (redis) => redis.flushall())));

  test('made a replica of one that is away, so that it is read-only', () =>
    strikeRedis(rig, 'read-only replica', async () => {
      const [away = 0] = await freePorts(1);
      await askRedis(rig, (redis) => redis.replicaof('127.0.0.1', away));
      await untilAway(rig);
      await askRedis(rig, (redis) => redis.replicaof('NO', 'ONE'));
    }));

  test('short of replicas, so that it takes no writes', () =>
    strikeRedis(rig, 'too few replicas to write', () => refuseFor('min-replicas-to-write')));

  test('out of memory', () => strikeRedis(rig, 'out of memory', () => refuseFor('maxmemory')));

  /** One byte, or one replica, is what there is not; 0 stands for no such limit. */
  async function refuseFor(setting: string): Promise<void> {
    await askRedis(rig, (redis) => redis.config('SET', setting, '1'));
    await untilAway(rig);
    await askRedis(rig, (redis) => redis.config('SET', setting, '0'));
  }
});
