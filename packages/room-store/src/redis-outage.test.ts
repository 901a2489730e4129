/** A Redis that is away, silent, read-only or full; answers that get lost. */
import { afterEach, expect, jest, test } from '@jest/globals';
import { startAnswerDroppingProxy } from './contract/answer-dropping-proxy.contract.js';
import { FollowingReader } from './contract/following-reader.contract.js';
import { take } from './contract/reading.contract.js';
import {
  BLOCK_MS,
  COMMAND_TIMEOUT_MS,
  type RedisRig,
  startRedisRig,
} from './contract/redis-rig.contract.js';
import { put, sampleRow } from './contract/samples.contract.js';
import { freePorts } from '../../../test/servers/free-port.js';
import { startRedis } from '../../../test/servers/redis.js';
import { eventually } from '../../../test/support/eventually.js';
import { createRedisRoomStore } from './redis-room-store.js';

const STATUS = { dependencies: [], metrics: '' };
const unavailable = { code: 'store-unavailable', isRetryable: true };
/** What a deadline may be late by on a busy machine. */
const GRACE_MS = 1_500;

// Real servers on a machine that does other things too.
jest.setTimeout(30_000);

let rig: RedisRig;
afterEach(() => rig.stop());

test('a Redis that dies fails everything at once, says so once, and is found again', async () => {
  rig = await startRedisRig({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  const logger = { info: jest.fn(), warn: jest.fn() };
  const store = rig.store({ logger });
  const writer = await store.openWriter();
  await writer.commit({ changes: [put('a')] });
  const { cursor } = await store.readSnapshot();
  const isTold = expect(take(store, cursor, 1)).rejects.toMatchObject(unavailable);
  await rig.redis.kill();
  await isTold;
  for (let count = 0; count < 20; count += 1) {
    await expect(writer.commit({ changes: [put('b')] })).rejects.toMatchObject(unavailable);
    await expect(take(store, cursor, 1)).rejects.toMatchObject(unavailable);
  }
  await rig.redis.restart();
  await eventually(() => writer.commit({ changes: [put('b')] }));
  expect((await store.readSnapshot()).rows).toHaveLength(2);
  expect(logger.warn).toHaveBeenCalledTimes(1);
  expect(logger.info).toHaveBeenCalledTimes(1);
});

test('a Redis that falls silent is noticed by the deadline, also by who waits for changes', async () => {
  rig = await startRedisRig();
  const store = rig.store();
  const writer = await store.openWriter();
  const revision = await writer.commit({ changes: [put('a')] });
  const { cursor } = await store.readSnapshot();
  const isTold = expect(take(store, cursor, 1)).rejects.toMatchObject(unavailable);
  await store.readSnapshot();
  rig.redis.suspend();
  const suspendedAt = Date.now();
  const commit = { changes: [put('b')] };
  await expect(writer.commit(commit)).rejects.toMatchObject(unavailable);
  expect(Date.now() - suspendedAt).toBeLessThan(COMMAND_TIMEOUT_MS + GRACE_MS);
  await isTold;
  expect(Date.now() - suspendedAt).toBeLessThan(BLOCK_MS + COMMAND_TIMEOUT_MS + GRACE_MS);
  await expect(store.readSnapshot()).rejects.toMatchObject(unavailable);
  rig.redis.resume();
  expect(await eventually(() => writer.commit(commit))).toBe(revision + 1);
  expect((await store.readSnapshot()).rows).toHaveLength(2);
});

test('an abort and a close end what waits on a silent Redis promptly', async () => {
  rig = await startRedisRig();
  const store = rig.store();
  await store.openWriter();
  const { cursor } = await store.readSnapshot();
  const aborting = new AbortController();
  const batches = store.follow(cursor, aborting.signal)[Symbol.asyncIterator]();
  const waiting = batches.next();
  await store.readSnapshot();
  rig.redis.suspend();
  const abortedAt = Date.now();
  aborting.abort();
  expect(await waiting).toMatchObject({ done: true });
  const isRefused = expect(store.readSnapshot()).rejects.toMatchObject({
    code: 'store-unavailable',
  });
  await store.close();
  await isRefused;
  expect(Date.now() - abortedAt).toBeLessThan(COMMAND_TIMEOUT_MS + GRACE_MS);
});

test('a Redis that was made a replica refuses as unavailable until it may write again', async () => {
  rig = await startRedisRig();
  const logger = { info: jest.fn(), warn: jest.fn() };
  const store = rig.store({ logger });
  const writer = await store.openWriter();
  await writer.commit({ changes: [put('a')] });
  const [nobody] = await freePorts(1);
  await rig.admin('REPLICAOF', '127.0.0.1', nobody ?? 1);
  await expect(writer.commit({ changes: [put('b')] })).rejects.toMatchObject(unavailable);
  await eventually(() => store.readSnapshot());
  expect(logger.warn).toHaveBeenCalledWith(
    { reason: expect.stringMatching(/^READONLY /) },
    'Redis is away',
  );
  await expect(writer.report(STATUS)).rejects.toMatchObject(unavailable);
  await rig.admin('REPLICAOF', 'NO', 'ONE');
  await eventually(() => writer.commit({ changes: [put('b')] }));
  expect((await store.readSnapshot()).rows).toHaveLength(2);
});

test('a full Redis takes a commit whole or not at all', async () => {
  rig = await startRedisRig({ args: ['--maxmemory-policy', 'noeviction'] });
  const store = rig.store();
  const writer = await store.openWriter();
  const revision = await writer.commit({ changes: [put('a'), put('b')] });
  await rig.admin('CONFIG', 'SET', 'maxmemory', '1mb');
  const commit = { changes: [{ kind: 'remove', roomId: 'a' } as const, put('c')] };
  await expect(writer.commit(commit)).rejects.toMatchObject(unavailable);
  await expect(writer.report(STATUS)).rejects.toMatchObject(unavailable);
  await expect(writer.reset()).rejects.toMatchObject(unavailable);
  const snapshot = await store.readSnapshot();
  expect(snapshot.cursor.revision).toBe(revision);
  expect(snapshot.rows).toHaveLength(2);
  await rig.admin('CONFIG', 'SET', 'maxmemory', '0');
  await writer.reset();
  await writer.commit({ changes: [put('c')] });
  expect((await store.readSnapshot()).rows).toEqual([sampleRow('c')]);
});

test('a full Redis still tells when the writer was heard of last', async () => {
  rig = await startRedisRig({ args: ['--maxmemory-policy', 'noeviction'] });
  const writer = await rig.store().openWriter();
  await writer.report(STATUS);
  await rig.admin('CONFIG', 'SET', 'maxmemory', '1mb');
  await expect(writer.report(STATUS)).rejects.toMatchObject(unavailable);
  const report = await rig.store().readWriterReport();
  expect(report).toMatchObject({ epoch: writer.epoch, ageMs: expect.any(Number) });
});

test('a dead link is replaced, and a commit whose answer got lost on it is made once', async () => {
  rig = await startRedisRig();
  const proxy = await startAnswerDroppingProxy(rig.redis.port);
  try {
    const store = rig.store({ redisUrl: `redis://127.0.0.1:${proxy.port}` });
    const writer = await store.openWriter();
    const revision = await writer.commit({ changes: [put('a')] });
    const reader = new FollowingReader(rig.store());
    await reader.reach(revision);
    const loseAnswer = async (commit: Parameters<typeof writer.commit>[0]): Promise<void> => {
      proxy.dropAnswers();
      await expect(writer.commit(commit)).rejects.toMatchObject(unavailable);
    };
    const repeated = { changes: [put('b', 1)] };
    await loseAnswer(repeated);
    await reader.reach(revision + 1);
    expect(await eventually(() => writer.commit(repeated))).toBe(revision + 1);

    await loseAnswer({ changes: [put('b', 2)] });
    await reader.reach(revision + 2);
    await eventually(() => store.readSnapshot());
    await loseAnswer({ changes: [put('b', 3)] });
    await reader.reach(revision + 3);
    const next = { changes: [put('b', 4)] };
    expect(await eventually(() => writer.commit(next))).toBe(revision + 4);
    await writer.report(STATUS);
    await reader.reach(revision + 4);
    await reader.stop();
    expect(reader.batches.map((batch) => batch.rowsPut[0]?.occupants)).toEqual([1, 2, 3, 4]);
  } finally {
    await proxy.stop();
  }
});

test('a Redis that is not there yet is waited for in the background', async () => {
  rig = await startRedisRig();
  const [port = 0] = await freePorts(1);
  const redisUrl = `redis://127.0.0.1:${port}`;
  const store = rig.store({ redisUrl });
  await expect(store.openWriter()).rejects.toMatchObject(unavailable);
  const late = await startRedis({ port });
  try {
    const writer = await eventually(() => store.openWriter());
    await writer.commit({ changes: [put('a')] });
    await store.close();
  } finally {
    await late.stop();
  }
});

test('a wrong password is no passing trouble, and is shown nowhere', async () => {
  rig = await startRedisRig({ args: ['--requirepass', 'right-secret'] });
  const lines: object[] = [];
  const note = (fields: object): void => void lines.push(fields);
  const store = createRedisRoomStore({
    redisUrl: `redis://:wrong-secret@127.0.0.1:${rig.redis.port}`,
    keyPrefix: rig.keyPrefix,
    mucService: 'conference.localhost',
    logger: { info: note, warn: note },
  });
  const failure = await store.openWriter().then(String, (error: unknown) => error as Error);
  expect(failure).toMatchObject({ code: 'store-unavailable', isRetryable: false });
  await eventually(() => lines.length > 0);
  await store.close();
  const shown = JSON.stringify([lines, inspectAll(failure)]);
  expect(shown).not.toContain('wrong-secret');
});

test('a database that Redis does not have is refused, and nothing is written into another one', async () => {
  rig = await startRedisRig({ args: ['--databases', '2'] });
  const store = rig.store({ redisUrl: `${rig.redis.url}/2` });
  for (let count = 0; count < 3; count += 1) {
    await expect(store.openWriter()).rejects.toMatchObject({
      code: 'store-unavailable',
      isRetryable: false,
      message: expect.stringContaining('DB index is out of range'),
    });
  }
  expect(await rig.admin('DBSIZE')).toBe(0);
});

function inspectAll(failure: unknown): unknown {
  return failure instanceof Error
    ? { ...failure, message: failure.message, cause: inspectAll(failure.cause) }
    : failure;
}
