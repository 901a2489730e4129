/** Redis dies, forgets, refuses or hangs: an unknown list is never served as an empty one. */
import { afterAll, beforeAll, test } from '@jest/globals';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { onEachBackend } from '../backends/all-backends.js';
import { freePorts } from '../servers/free-port.js';
import { expectServed, expectStill } from './expectations.js';
import { FaultRig } from './fault-rig.js';
import { expectWrittenWhole } from './written-rooms.js';

const HANG_MS = 20_000;
/** So long that every pause between two attempts has grown as long as it gets. */
const AWAY_MS = 3_000;

onEachBackend((backend) => {
  let rig: FaultRig;

  beforeAll(async () => {
    rig = await FaultRig.start(backend);
  });

  afterAll(() => rig.stop());

  // The fault's end is when Redis answers again, or has been told to take writes again.
  test('kill -9, and a start with what it had', () =>
    strike('Redis: kill -9', async () => {
      await rig.stack.redis.kill();
      await Promise.all([rig.untilStale(), wait(AWAY_MS)]);
      await rig.stack.redis.restart();
    }));

  test('kill -9, and a start with nothing', () =>
    strike('Redis: kill -9, started empty', async () => {
      await rig.stack.redis.kill();
      rmSync(join(rig.stack.redis.dir, 'appendonlydir'), { recursive: true });
      await Promise.all([rig.untilStale(), wait(AWAY_MS)]);
      await rig.stack.redis.restart();
    }));

  test('flushed', () =>
    strike('Redis: FLUSHALL', async () => {
      await ask((redis) => redis.flushall());
    }));

  test('made a replica of one that is away, so that it is read-only', () =>
    strike('Redis: read-only replica', async () => {
      const [away = 0] = await freePorts(1);
      await ask((redis) => redis.replicaof('127.0.0.1', away));
      await Promise.all([rig.untilStale(), wait(AWAY_MS)]);
      await ask((redis) => redis.replicaof('NO', 'ONE'));
    }));

  test('short of replicas, so that it takes no writes', () =>
    strike('Redis: too few replicas to write', () => refuseFor('min-replicas-to-write')));

  test('out of memory', () => strike('Redis: out of memory', () => refuseFor('maxmemory')));

  test('hangs for 20 s', () =>
    strike('Redis: SIGSTOP 20 s', async () => {
      rig.stack.redis.suspend();
      await Promise.all([rig.untilStale(), wait(HANG_MS)]);
      rig.stack.redis.resume();
    }));

  async function strike(name: string, fault: () => Promise<void>): Promise<void> {
    const { during, after } = await rig.strike(name, fault);
    expectServed([...during, ...after]);
    expectStill([...during, ...after], rig.still.rows);
    await expectWrittenWhole(rig.stack, after.at(-1)?.rows ?? new Map());
  }

  async function ask(question: (redis: Redis) => Promise<unknown>): Promise<void> {
    const redis = new Redis(rig.stack.redis.url);
    try {
      await question(redis);
    } finally {
      redis.disconnect();
    }
  }

  /** One byte, or one replica, is what there is not; 0 stands for no such limit. */
  async function refuseFor(setting: string): Promise<void> {
    await ask((redis) => redis.config('SET', setting, '1'));
    await Promise.all([rig.untilStale(), wait(AWAY_MS)]);
    await ask((redis) => redis.config('SET', setting, '0'));
  }
});
