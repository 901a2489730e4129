/** What is the same of every fault of Redis: an unknown list is never served as an empty one. */
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { expectServed, expectStill } from './expectations.js';
import type { FaultRig } from './fault-rig.js';
import { expectWrittenWhole } from './written-rooms.js';

/** So long that every pause between two attempts has grown as long as it gets. */
const AWAY_MS = 3_000;

/** Lets a fault strike amid traffic; afterwards everything must be written again. */
export async function strikeRedis(
  rig: FaultRig,
  name: string,
  fault: () => Promise<void>,
): Promise<void> {
  const { during, after } = await rig.strike(`Redis: ${name}`, fault);
  expectServed([...during, ...after]);
  expectStill([...during, ...after], rig.still.rows);
  await expectWrittenWhole(rig.stack, after.at(-1)?.rows ?? new Map());
}

/** Within a fault: until its being away is shown, and has lasted. */
export async function untilAway(rig: FaultRig): Promise<void> {
  await rig.linger(() => Promise.all([rig.untilStale(), wait(AWAY_MS)]));
}

/** Asks Redis something on a connection of its own. */
export async function askRedis(
  rig: FaultRig,
  question: (redis: Redis) => Promise<unknown>,
): Promise<void> {
  const redis = new Redis(rig.stack.redis.url);
  try {
    await question(redis);
  } finally {
    redis.disconnect();
  }
}
