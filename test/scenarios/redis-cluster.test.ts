/** The whole on a Redis Cluster, two MUC services on two of its nodes, and the death of one node. */
import { afterEach, expect, jest, test } from '@jest/globals';
import { startProsody } from '../servers/prosody.js';
import { type RunningRedisCluster, startRedisCluster } from '../servers/redis-cluster.js';
import { eventually } from '../support/eventually.js';
import { startStack, type Stack } from '../support/stack.js';

jest.setTimeout(90_000);

const FIRST = 'conference.localhost';
/** In the slots of another node. */
const SECOND = 'rooms.localhost';

let cluster: RunningRedisCluster;
let stack: Stack;
afterEach(async () => {
  await stack.stop();
  await cluster.stop();
});

/** What the facade shows of a service: its occupants, and for how many seconds it has been stale. */
async function shown(mucService: string): Promise<{ occupants: number; staleSeconds: number }> {
  const label = `muc_service="${mucService}"`;
  return {
    occupants: await stack.readCount('conference_facade_occupants', label),
    staleSeconds: await stack.readCount('conference_facade_stale_seconds', label),
  };
}

async function untilShown(
  mucService: string,
  occupants: number,
  meanwhile?: () => Promise<void>,
): Promise<void> {
  await eventually(
    async () => {
      await meanwhile?.();
      return shown(mucService);
    },
    (seen) => seen.occupants === occupants && seen.staleSeconds === 0,
    { timeoutMs: 30_000, what: `${occupants} occupants of ${mucService}` },
  );
}

test('a node that dies interrupts its own service until its replica has its place', async () => {
  cluster = await startRedisCluster({ hasReplicas: true });
  stack = await startStack(
    {
      start: () =>
        startProsody({
          hasFeed: true,
          extraMucConfig: `Component "${SECOND}" "muc"
  muc_room_locking = false
  modules_enabled = { "conference_feed" }
  conference_feed_component = "tracker.localhost"`,
        }),
      trackerEnvironment: {},
    },
    {
      sharedEnvironment: {
        REDIS_CLUSTER: 'true',
        REDIS_URL: cluster.url,
        MUC_SERVICES: `${FIRST},${SECOND}`,
      },
    },
  );
  const [firstNode, secondNode] = await Promise.all(
    [FIRST, SECOND].map((name) => cluster.ownerOf(`conference:{${name}}:meta`)),
  );
  if (firstNode === undefined) throw new Error('no node has the first service');
  expect(firstNode.id).not.toBe(secondNode?.id);

  const [alice, bob] = [await stack.connect(0), await stack.connect(1)];
  await alice.join(`tea@${FIRST}`, 'Alice');
  await alice.join(`tea@${SECOND}`, 'Alice');
  await untilShown(FIRST, 1);
  await untilShown(SECOND, 1);
  const before = await stack.row('tea');

  await firstNode.server.kill();
  await stack.waitUntilStale();
  await bob.join(`tea@${FIRST}`, 'Bob');
  await bob.join(`tea@${SECOND}`, 'Bob');
  await untilShown(SECOND, 2);
  const elsewhere: number[] = [];
  await untilShown(FIRST, 2, async () => {
    elsewhere.push((await shown(SECOND)).staleSeconds);
  });
  expect(Math.max(...elsewhere)).toBe(0);
  expect((await cluster.ownerOf(`conference:{${FIRST}}:meta`)).id).toBe(
    cluster.replicaOf(firstNode).id,
  );
  expect((await stack.row('tea'))?.creationDate).toBe(before?.creationDate);
});
