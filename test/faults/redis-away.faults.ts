/** Redis dies or hangs. */
import { afterAll, beforeAll, test } from '@jest/globals';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { onEachBackend } from '../backends/all-backends.js';
import { FaultRig } from './fault-rig.js';
import { strikeRedis, untilAway } from './redis-strikes.js';

// The fault's end is when Redis answers again.
onEachBackend((backend) => {
  let rig: FaultRig;

  beforeAll(async () => {
    rig = await FaultRig.start(backend);
  });

  afterAll(() => rig.stop());

  test('kill -9, and a start with what it had', () =>
    strikeRedis(rig, 'kill -9', async () => {
      await rig.stack.redis.kill();
      await untilAway(rig);
      await rig.stack.redis.restart();
    }));

  test('kill -9, and a start with nothing', () =>
    strikeRedis(rig, 'kill -9, started empty', async () => {
      await rig.stack.redis.kill();
      rmSync(join(rig.stack.redis.dir, 'appendonlydir'), { recursive: true });
      await untilAway(rig);
      await rig.stack.redis.restart();
    }));

  test('hangs for 20 s', () => strikeRedis(rig, 'SIGSTOP 20 s', () => rig.hang(rig.stack.redis)));
});
