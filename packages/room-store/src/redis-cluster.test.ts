/** The store on a real Redis Cluster of three nodes: the whole contract, and where keys lie. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import {
  type RunningRedisCluster,
  startRedisCluster,
} from '../../../test/servers/redis-cluster.js';
import { startRedis } from '../../../test/servers/redis.js';
import { redisSubject } from './contract/redis-subject.contract.js';
import { AWKWARD_NAMES, put, sampleOccupant } from './contract/samples.contract.js';
import { createRedisRoomStore } from './redis-room-store.js';
import { roomKeys } from './room-keys.js';
import { describeRoomStore } from './room-store.contract.js';

// Real servers on a machine that does other things too.
jest.setTimeout(30_000);

/** Each of them in the slots of another node. */
const MUC_SERVICES = ['conference.localhost', 'rooms.example.org', 'talk.example.org'];
const STATUS = { dependencies: [], metrics: '' };
const CLAIM = { tracker: 'tracker.localhost', instance: 'a', leaseMs: 10_000 };

let cluster: RunningRedisCluster;
beforeAll(async () => {
  cluster = await startRedisCluster();
});
afterAll(() => cluster.stop());

describeRoomStore(
  'Redis Cluster store',
  redisSubject(() => ({ redisUrl: cluster.url, isCluster: true }), 10),
);

test('all keys of a MUC service lie in one slot, those of another service on another node', async () => {
  const owners = new Set<string>();
  for (const mucService of MUC_SERVICES) {
    const store = createRedisRoomStore({
      redisUrl: cluster.url,
      isCluster: true,
      keyPrefix: 'slots',
      mucService,
    });
    const writer = await store.openWriter(CLAIM);
    await writer.commit({
      changes: AWKWARD_NAMES.map((name) => put(name, 2, { occupantsPut: [sampleOccupant('x')] })),
      picture: { state: 'live' },
    });
    await writer.report(STATUS);
    await store.reportWaiting(STATUS);
    await store.announceTracker({ tracker: CLAIM.tracker, followed: 1 });
    expect((await store.readRoom('{a}'))?.occupants).toHaveLength(1);
    await store.close();

    const keys = roomKeys('slots', mucService);
    const names = [keys.meta, keys.rooms, keys.changes, keys.report, keys.waiting, keys.lease];
    const details = AWKWARD_NAMES.map((name) => keys.details(name));
    const owner = await cluster.ownerOf(keys.meta);
    owners.add(owner.id);
    const stored = await owner.admin('KEYS', `slots:{${mucService}}*`);
    expect(new Set(stored as string[])).toEqual(new Set([...names, keys.trackers, ...details]));
  }
  expect(owners.size).toBe(MUC_SERVICES.length);
});

test('one node that is named is enough to find the others', async () => {
  for (const { server } of cluster.nodes) {
    const store = createRedisRoomStore({
      redisUrl: server.url,
      isCluster: true,
      keyPrefix: 'one',
      mucService: 'conference.localhost',
    });
    await (await store.openWriter()).commit({ changes: [put('a')] });
    expect((await store.readSnapshot()).rows).toHaveLength(1);
    await store.close();
  }
});

test('a setting that does not fit what is there says so', async () => {
  const redis = await startRedis();
  const common = { keyPrefix: 'wrong', commandTimeoutMs: 2_000 };
  const single = createRedisRoomStore({
    ...common,
    redisUrl: redis.url,
    isCluster: true,
    mucService: 'conference.localhost',
  });
  await expect(single.readSnapshot()).rejects.toThrow(/cluster support disabled/);
  await Promise.all([single.close(), redis.stop()]);
  const owner = await cluster.ownerOf(roomKeys('wrong', 'conference.localhost').meta);
  const other = cluster.nodes.find((node) => node !== owner);
  const unset = createRedisRoomStore({
    ...common,
    redisUrl: other?.server.url ?? '',
    mucService: 'conference.localhost',
  });
  await expect(unset.readSnapshot()).rejects.toThrow(/MOVED .*REDIS_CLUSTER/);
  await unset.close();
});
