import { afterEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { type RunningRedis, startRedis } from './redis.js';

let redis: RunningRedis | undefined;
afterEach(async () => {
  await redis?.stop();
});

test('keeps its data over kill and restart where it writes a log, on the same port', async () => {
  redis = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  const firstPid = redis.pid;
  await run(redis, (client) => client.set('key', 'value'));
  await redis.kill();
  await redis.restart();
  expect(redis.pid).not.toBe(firstPid);
  expect(await run(redis, (client) => client.get('key'))).toBe('value');
});

test('is gone after stop, which may be called twice, also while it is suspended', async () => {
  redis = await startRedis();
  redis.suspend();
  const { pid } = redis;
  await redis.stop();
  await redis.stop();
  expect(() => process.kill(pid, 0)).toThrow();
});

async function run<T>(server: RunningRedis, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(server.url);
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}
