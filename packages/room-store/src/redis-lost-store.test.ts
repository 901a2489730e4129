/** What a store says that is no more what it was: flushed, restored, evicted, forked. */
import { afterEach, expect, test, jest } from '@jest/globals';
import { FollowingReader } from './contract/following-reader.contract.js';
import { take } from './contract/reading.contract.js';
import { type RedisRig, startRedisRig } from './contract/redis-rig.contract.js';
import { put, sampleRow } from './contract/samples.contract.js';
import { eventually } from '../../../test/support/eventually.js';

const STATUS = { dependencies: [], metrics: '' };
const lost = { code: 'store-lost' };
const fenced = { code: 'writer-fenced' };

// Real servers on a machine that does other things too.
jest.setTimeout(30_000);

let rig: RedisRig;
afterEach(() => rig.stop());

test('a flush is told to an idle writer and to waiting readers, and all is written anew', async () => {
  rig = await startRedisRig();
  const store = rig.store();
  const writer = await store.openWriter();
  const before = await writer.commit({ changes: [put('a')], picture: { state: 'live' } });
  const { cursor } = await store.readSnapshot();
  const isTold = expect(take(store, cursor, 1)).rejects.toMatchObject({ code: 'cursor-lost' });
  await someoneWaits();
  await rig.admin('FLUSHALL');
  await isTold;
  await expect(writer.report(STATUS)).rejects.toMatchObject(lost);
  await expect(writer.commit({ changes: [put('b')] })).rejects.toMatchObject(lost);
  expect(await store.readSnapshot()).toMatchObject({ picture: { state: 'loading' }, rows: [] });

  expect(await writer.reset()).toBeGreaterThan(before);
  await writer.commit({ changes: [put('a')], picture: { state: 'live' } });
  await writer.report(STATUS);
  const after = await store.readSnapshot();
  expect(after).toMatchObject({ picture: { state: 'live' }, rows: [sampleRow('a')] });
  expect(after.cursor.incarnation).not.toBe(cursor.incarnation);
});

test('who waits since before the first writer is told that the store began', async () => {
  rig = await startRedisRig();
  const store = rig.store({ blockMs: 60_000 });
  const { cursor } = await store.readSnapshot();
  const isTold = expect(take(store, cursor, 1)).rejects.toMatchObject({ code: 'cursor-lost' });
  await someoneWaits();
  await store.openWriter();
  await isTold;
});

test('a restart with a log loses nothing, and the writer goes on where it was', async () => {
  rig = await startRedisRig({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  const store = rig.store();
  const writer = await store.openWriter();
  await writer.commit({ changes: [put('a')], picture: { state: 'live' } });
  const { cursor } = await store.readSnapshot();
  for (const end of [() => rig.redis.restart(), () => rig.redis.kill()]) {
    await end();
    await rig.redis.restart();
    const commit = { changes: [put('b', 2)] };
    await eventually(() => writer.commit(commit));
  }
  const snapshot = await store.readSnapshot();
  expect(snapshot.cursor).toEqual({ ...cursor, revision: cursor.revision + 2 });
  expect(await take(store, cursor, 2)).toHaveLength(2);
});

test('a restart without a log is a lost store', async () => {
  rig = await startRedisRig();
  const store = rig.store();
  const writer = await store.openWriter();
  await writer.commit({ changes: [put('a')] });
  await rig.redis.restart();
  const outcome = await eventually(
    () => writer.commit({ changes: [put('b')] }).then(String, (error: unknown) => error),
    (error) => (error as { code?: string }).code !== 'store-unavailable',
  );
  expect(outcome).toMatchObject(lost);
  await writer.reset();
  await writer.commit({ changes: [put('b')] });
  expect((await store.readSnapshot()).rows).toEqual([sampleRow('b')]);
});

test('a restore of an older state is a lost store to its writer and a lost place to its readers', async () => {
  rig = await startRedisRig();
  const store = rig.store();
  const writer = await store.openWriter();
  await writer.commit({ changes: [put('a')], picture: { state: 'live' } });
  await rig.admin('SAVE');
  await writer.commit({ changes: [put('b')] });
  const ahead = (await store.readSnapshot()).cursor;
  await rig.redis.kill();
  await rig.redis.restart();
  await eventually(() => store.readSnapshot());
  await expect(take(store, ahead, 1)).rejects.toMatchObject({ code: 'cursor-lost' });
  await expect(writer.report(STATUS)).rejects.toMatchObject(lost);
  await expect(writer.commit({ changes: [put('c')] })).rejects.toMatchObject(lost);
});

test('a new writer upon an older state forks no history under the feet of a reader', async () => {
  rig = await startRedisRig();
  const store = rig.store();
  const first = await store.openWriter();
  const kept = await first.commit({ changes: [put('a')] });
  await rig.admin('SAVE');
  await first.commit({ changes: [put('lost')] });
  const { cursor: ahead } = await store.readSnapshot();
  await rig.redis.kill();
  await rig.redis.restart();
  await eventually(() => store.readSnapshot());
  const second = await store.openWriter();
  for (const roomId of ['b', 'c', 'd']) {
    await second.commit({ changes: [put(roomId)] });
  }
  await expect(take(store, ahead, 1)).rejects.toMatchObject({ code: 'cursor-lost' });
  expect(await take(store, { ...ahead, revision: kept }, 4)).toHaveLength(4);
  expect((await store.readSnapshot()).rows).toHaveLength(4);
});

test('after a flush a stale writer may come first, and loses to the newer one all the same', async () => {
  rig = await startRedisRig();
  const store = rig.store();
  const stale = await store.openWriter();
  const newer = await rig.store().openWriter();
  await newer.commit({ changes: [put('true')], picture: { state: 'live' } });
  const reader = new FollowingReader(store);
  await rig.admin('FLUSHALL');

  await stale.reset();
  await stale.commit({ changes: [put('false')] });
  await expect(newer.report(STATUS)).rejects.toMatchObject(lost);
  await newer.reset();
  const revision = await newer.commit({ changes: [put('true')], picture: { state: 'live' } });
  await expect(stale.commit({ changes: [put('false')] })).rejects.toMatchObject(fenced);
  await expect(stale.reset()).rejects.toMatchObject(fenced);
  await reader.reach(revision);
  await reader.stop();
  expect(JSON.parse(reader.seen.at(-1)?.digest ?? '')).toEqual(['live', [sampleRow('true')]]);
});

test('a writer that opens upon a flushed store is newer than every one before the flush', async () => {
  rig = await startRedisRig();
  const store = rig.store();
  const stale = await store.openWriter();
  const revision = await stale.commit({ changes: [put('a')] });
  await rig.admin('FLUSHALL');
  const newer = await store.openWriter();
  expect(newer.epoch).toBeGreaterThan(stale.epoch);
  await expect(stale.commit({ changes: [put('a')] })).rejects.toMatchObject(fenced);
  await expect(stale.reset()).rejects.toMatchObject(fenced);
  expect(await newer.commit({ changes: [put('a')] })).toBeGreaterThan(revision);
});

test('rooms that Redis evicted are never shown as an empty list', async () => {
  rig = await startRedisRig();
  const store = rig.store();
  const writer = await store.openWriter();
  await writer.commit({ changes: [put('a')], picture: { state: 'live' } });
  await rig.admin('DEL', `${rig.keyPrefix}:{conference.localhost}:rooms`);
  await expect(store.readSnapshot()).rejects.toMatchObject({ code: 'store-unavailable' });
  await expect(writer.report(STATUS)).rejects.toMatchObject(lost);
  await expect(writer.commit({ changes: [put('b')] })).rejects.toMatchObject(lost);
  await store.openWriter();
  expect(await store.readSnapshot()).toMatchObject({ picture: { state: 'loading' }, rows: [] });
});

/** Resolves once a follower's read waits inside Redis. */
async function someoneWaits(): Promise<void> {
  await eventually(
    () => rig.admin('CLIENT', 'LIST'),
    (clients) => /flags=b .*cmd=xread /.test(String(clients)),
  );
}
