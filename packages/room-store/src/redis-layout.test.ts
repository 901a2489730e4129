/** How rooms lie in Redis: nothing left behind, many rooms. */
import { afterEach, expect, test, jest } from '@jest/globals';
import { FollowingReader } from './contract/following-reader.contract.js';
import { type RedisRig, startRedisRig } from './contract/redis-rig.contract.js';
import { put, remove, sampleOccupant } from './contract/samples.contract.js';
import { eventually } from '../../../test/support/eventually.js';
import { roomKeys } from './room-keys.js';
import { type RoomWriter, WAITING_TTL_MS } from './room-store.js';

// Real servers on a machine that does other things too.
jest.setTimeout(30_000);

let rig: RedisRig;
afterEach(() => rig.stop());

const DETAILS = {
  occupantsPut: [sampleOccupant('x'), sampleOccupant('y')],
  affiliationsPut: [{ bareJid: 'o@localhost', affiliation: 'owner' as const }],
};

async function putMany(writer: RoomWriter, count: number): Promise<void> {
  for (let first = 0; first < count; first += 500) {
    const changes = Array.from({ length: 500 }, (_value, index) =>
      put(`room-${first + index}`, 2, DETAILS),
    );
    await writer.commit({ changes });
  }
}

test('removed rooms and a reset leave no key behind', async () => {
  rig = await startRedisRig();
  const writer = await rig.store().openWriter();
  await writer.report({ dependencies: [], metrics: '' });
  await writer.commit({ changes: [put('a', 2, DETAILS), put('b', 2, DETAILS)] });
  await writer.commit({ changes: [remove('a')] });
  expect(await rig.admin('DBSIZE')).toBe(4 + 1);
  await putMany(writer, 5_000);
  await writer.reset();
  expect(await rig.admin('DBSIZE')).toBe(3);
});

test('what a waiting tracker said of itself is forgotten by Redis itself', async () => {
  rig = await startRedisRig();
  await rig.store().reportWaiting({ dependencies: [], metrics: '' });
  const leftMs = Number(
    await rig.admin('PTTL', roomKeys(rig.keyPrefix, 'conference.localhost').waiting),
  );
  expect(leftMs).toBeGreaterThan(0);
  expect(leftMs).toBeLessThanOrEqual(WAITING_TTL_MS);
});

test('20,000 rooms are read exactly while commits go on, and in pieces', async () => {
  rig = await startRedisRig();
  const store = rig.store({ commandTimeoutMs: 5_000 });
  const writer = await store.openWriter();
  await putMany(writer, 20_000);
  await rig.admin('CONFIG', 'RESETSTAT');
  let isReading = true;
  let revision = 0;
  const writing = (async () => {
    for (let count = 0; isReading; count += 1) {
      revision = await writer.commit({
        changes: [
          put(`room-${(count * 7_919) % 20_000}`, 3 + (count % 50)),
          put(`new-${count}`, 1, DETAILS),
          remove(`room-${(count * 104_729) % 20_000}`),
          remove(`new-${count - 10}`),
        ],
      });
    }
  })();
  const handle = rig.store({ commandTimeoutMs: 5_000 });
  const readers = [new FollowingReader(handle)];
  await readers[0]?.reach(1);
  readers.push(new FollowingReader(handle));
  await readers[1]?.reach(1);
  isReading = false;
  await writing;
  const last = new FollowingReader(handle);
  for (const reader of [...readers, last]) {
    await reader.reach(revision);
    await reader.stop();
  }
  for (const reader of readers) {
    expect(reader.seen.at(-1)?.digest).toBe(last.seen.at(-1)?.digest);
  }
  await writer.reset();
  const used = String(await rig.admin('INFO', 'commandstats'));
  expect(Number(/cmdstat_hscan:calls=(\d+)/.exec(used)?.[1])).toBeGreaterThanOrEqual(2 * 20);
  expect(used).not.toMatch(/cmdstat_(hgetall|hkeys|hvals|keys|del|flush\w*):/);
}, 60_000);

test('a follower leaves no connection behind, however it ends', async () => {
  rig = await startRedisRig();
  const store = rig.store();
  const writer = await store.openWriter();
  const { cursor } = await store.readSnapshot();
  await writer.commit({ changes: [put('a')] });
  const countClients = async (): Promise<number> =>
    String(await rig.admin('CLIENT', 'LIST', 'TYPE', 'normal')).split('name=conference').length - 1;
  expect(await countClients()).toBe(1);
  for (let count = 0; count < 5; count += 1) {
    const aborting = new AbortController();
    const abandoned = store.follow(cursor, aborting.signal)[Symbol.asyncIterator]();
    expect((await abandoned.next()).done).toBe(false);
    if (count % 2 === 0) {
      aborting.abort();
    } else {
      await abandoned.return?.();
    }
  }
  await eventually(countClients, (count) => count === 1);
});
