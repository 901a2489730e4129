/** A Redis Cluster that changes under the store: a slot moves, a master dies, a replica is behind. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import {
  type ClusterNode,
  type RunningRedisCluster,
  startRedisCluster,
} from '../../../test/servers/redis-cluster.js';
import { eventually } from '../../../test/support/eventually.js';
import { FollowingReader } from './contract/following-reader.contract.js';
import { take } from './contract/reading.contract.js';
import { BLOCK_MS, COMMAND_TIMEOUT_MS } from './contract/redis-rig.contract.js';
import { put, sampleRow } from './contract/samples.contract.js';
import type { StoreLogger } from './redis-connection.js';
import { createRedisRoomStore } from './redis-room-store.js';
import { roomKeys } from './room-keys.js';
import type { Commit, Revision, RoomStore, RoomWriter } from './room-store.js';

// Real servers on a machine that does other things too.
jest.setTimeout(60_000);

const PREFIX = 'test';
const MUC = 'conference.localhost';
const UNAVAILABLE = { code: 'store-unavailable', isRetryable: true };
const META = roomKeys(PREFIX, MUC).meta;

let cluster: RunningRedisCluster;
let stores: RoomStore[];
beforeEach(() => {
  stores = [];
});
afterEach(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await cluster.stop();
});

function openStore(logger?: StoreLogger): RoomStore {
  const store = createRedisRoomStore({
    redisUrl: cluster.url,
    isCluster: true,
    keyPrefix: PREFIX,
    mucService: MUC,
    commandTimeoutMs: COMMAND_TIMEOUT_MS,
    blockMs: BLOCK_MS,
    ...(logger === undefined ? {} : { logger }),
  });
  stores.push(store);
  return store;
}

/** As a tracker does it: the same commit again until it is written. */
function commitAtLast(writer: RoomWriter, commit: Commit): Promise<Revision> {
  return eventually(() => writer.commit(commit), Boolean, { timeoutMs: 20_000, what: 'a commit' });
}

async function untilReplicated(master: ClusterNode): Promise<void> {
  const offsetOf = async (node: ClusterNode): Promise<string | undefined> =>
    /(?:slave|master)_repl_offset:(\d+)/.exec(String(await node.admin('INFO', 'replication')))?.[1];
  const replica = cluster.replicaOf(master);
  await eventually(async () => (await offsetOf(replica)) === (await offsetOf(master)), Boolean, {
    what: 'the replica to have everything',
  });
}

test('a slot that moves holds commits up, and loses and doubles none', async () => {
  cluster = await startRedisCluster();
  const writer = await openStore().openWriter();
  const first = await writer.commit({ changes: [put('room-0', 0)] });
  const reader = new FollowingReader(openStore());
  await reader.reach(first);
  const source = await cluster.ownerOf(META);
  const target = cluster.nodes.find((node) => node !== source);
  if (target === undefined) throw new Error('a cluster of one node');
  let isMoving = true;
  let revision = first;
  const writing = (async () => {
    for (let count = 1; isMoving || count < 50; count += 1) {
      revision = await commitAtLast(writer, { changes: [put(`room-${count % 40}`, count)] });
    }
  })();
  await cluster.moveSlotOf(META, target);
  isMoving = false;
  await writing;
  await reader.reach(revision);
  await reader.stop();
  const numbers = reader.batches.flatMap(({ rowsPut }) => rowsPut.map((row) => row.occupants));
  expect(numbers).toEqual(numbers.map((_number, index) => index + 1));
  expect(numbers).toHaveLength(revision - first);
  expect((await cluster.ownerOf(META)).id).toBe(target.id);
  expect(await source.admin('DBSIZE')).toBe(0);
});

test('a reader that asks nothing else finds a report and a room whose slot has moved', async () => {
  cluster = await startRedisCluster();
  const writer = await openStore().openWriter();
  await writer.commit({ changes: [put('a', 1)] });
  await writer.report({ dependencies: [], metrics: 'm' });
  const readers = [openStore(), openStore()] as const;
  const read = () => Promise.all([readers[0].readWriterReport(), readers[1].readRoom('a')]);
  const before = await read();
  const source = await cluster.ownerOf(META);
  const target = cluster.nodes.find((node) => node !== source);
  if (target === undefined) throw new Error('a cluster of one node');
  await cluster.moveSlotOf(META, target);
  const [report, room] = await read();
  expect([report?.metrics, room]).toEqual(['m', before[1]]);
});

test('a master that dies is away until its replica has its place, and nothing is lost', async () => {
  cluster = await startRedisCluster({ hasReplicas: true });
  const logger = { info: jest.fn(), warn: jest.fn() };
  const writer = await openStore(logger).openWriter();
  const revision = await writer.commit({ changes: [put('a', 1)] });
  const reader = openStore();
  const { cursor } = await reader.readSnapshot();
  const isTold = expect(take(reader, cursor, 1)).rejects.toMatchObject(UNAVAILABLE);
  const master = await cluster.ownerOf(META);
  await untilReplicated(master);
  await master.server.kill();
  const commit = { changes: [put('a', 2)] };
  await expect(writer.commit(commit)).rejects.toMatchObject(UNAVAILABLE);
  await isTold;
  expect(await commitAtLast(writer, commit)).toBe(revision + 1);
  const { id } = cluster.replicaOf(master);
  // Whichever node is asked may hear of it a moment later.
  await eventually(async () => (await cluster.ownerOf(META)).id === id, Boolean, {
    what: 'every node to know of the new master',
  });
  const [batch] = await take(reader, cursor, 1);
  expect(batch?.rowsPut).toEqual([sampleRow('a', 2)]);
  expect(logger.warn).toHaveBeenCalledTimes(1);
  expect(logger.info).toHaveBeenCalledTimes(1);
});

test('a replica that lacks the last commits is a store that was lost', async () => {
  cluster = await startRedisCluster({ hasReplicas: true });
  const store = openStore();
  const writer = await store.openWriter();
  await writer.commit({ changes: [put('a', 1)] });
  const master = await cluster.ownerOf(META);
  await untilReplicated(master);
  const replica = cluster.replicaOf(master);
  // What is on its way to a suspended replica would still reach it: cut the link before.
  replica.server.suspend();
  await master.admin('CLIENT', 'KILL', 'TYPE', 'replica');
  await writer.commit({ changes: [put('a', 2), put('b', 1)] });
  const { cursor } = await store.readSnapshot();
  await master.server.kill();
  replica.server.resume();
  const commit = { changes: [put('a', 3)] };
  await eventually(
    () => writer.commit(commit).catch((error: { code?: string }) => error.code),
    (outcome) => outcome === 'store-lost',
    { timeoutMs: 20_000, what: 'the loss to be noticed' },
  );
  await expect(take(store, cursor, 1)).rejects.toMatchObject({ code: 'cursor-lost' });
  await writer.reset();
  await writer.commit({ changes: [put('a', 3), put('b', 1)], picture: { state: 'live' } });
  expect((await store.readSnapshot()).rows).toHaveLength(2);
});
