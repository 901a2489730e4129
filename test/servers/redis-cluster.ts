/** A Redis Cluster for tests: three masters on loopback, and a replica of each where it is wanted. */
import { eventually } from '../support/eventually.js';
import { freePorts } from './free-port.js';
import { askRedis } from './redis-admin.js';
import { type RunningRedis, startRedis } from './redis.js';

const MASTERS = 3;
const SLOTS = 16_384;
/** After this a node that does not answer is thought dead, in ms. */
const NODE_TIMEOUT_MS = 1_000;

export interface RedisClusterOptions {
  /** Whether each master has a replica that takes its place when it dies; default false. */
  readonly hasReplicas?: boolean;
}

export interface ClusterNode {
  readonly server: RunningRedis;
  /** Its name in the cluster. */
  readonly id: string;
  /** Runs one command on this very node, as an administrator would. */
  admin(command: string, ...args: (string | number)[]): Promise<unknown>;
}

export interface RunningRedisCluster {
  /** Addresses of all nodes, separated by commas. */
  readonly url: string;
  /** Masters as they were at the start, then their replicas in the same order. */
  readonly nodes: readonly ClusterNode[];
  /** The node that has the key now, by the word of one that is up. */
  ownerOf(key: string): Promise<ClusterNode>;
  /** The replica that stands ready for a master of the start. */
  replicaOf(master: ClusterNode): ClusterNode;
  /** Moves the slot of a key with all its keys to another node, as `redis-cli --cluster` does. */
  moveSlotOf(key: string, target: ClusterNode): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a cluster and waits until every node says that it is whole. */
export async function startRedisCluster({
  hasReplicas = false,
}: RedisClusterOptions = {}): Promise<RunningRedisCluster> {
  const count = hasReplicas ? 2 * MASTERS : MASTERS;
  const busPorts = await freePorts(count);
  const servers = await Promise.all(busPorts.map(startNode));
  const nodes = await Promise.all(servers.map(nodeOf));
  const [first, ...others] = nodes;
  if (first === undefined) throw new Error('a cluster of no nodes');
  await Promise.all(
    nodes.slice(0, MASTERS).map((node, index) => {
      const from = Math.ceil((index * SLOTS) / MASTERS);
      const to = Math.ceil(((index + 1) * SLOTS) / MASTERS) - 1;
      return node.admin('CLUSTER', 'ADDSLOTSRANGE', from, to);
    }),
  );
  await Promise.all(
    nodes.map((node, index) => node.admin('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)),
  );
  await Promise.all(
    others.map(({ server }, index) =>
      first.admin('CLUSTER', 'MEET', '127.0.0.1', server.port, busPorts[index + 1] ?? 0),
    ),
  );
  await Promise.all(
    nodes.map((node) => untilInfo(node, ['cluster_state:ok', `cluster_known_nodes:${count}`])),
  );
  await Promise.all(
    nodes.slice(MASTERS).map(async (replica, index) => {
      await replica.admin('CLUSTER', 'REPLICATE', nodes[index]?.id ?? '');
      await eventually(
        () => replica.admin('INFO', 'replication'),
        (info) => String(info).includes('master_link_status:up'),
        { what: 'a replica to follow its master' },
      );
    }),
  );
  return new Cluster(nodes);
}

class Cluster implements RunningRedisCluster {
  constructor(readonly nodes: readonly ClusterNode[]) {}

  get url(): string {
    return this.nodes.map(({ server }) => server.url).join(',');
  }

  async ownerOf(key: string): Promise<ClusterNode> {
    const slot = await this.#askAny('CLUSTER', 'KEYSLOT', key);
    const ranges = (await this.#askAny('CLUSTER', 'SLOTS')) as [number, number, [string, number]][];
    const range = ranges.find(([from, to]) => from <= Number(slot) && Number(slot) <= to);
    const owner = this.nodes.find(({ server }) => server.port === range?.[2][1]);
    if (owner === undefined) throw new Error(`no node has the slot of ${key}`);
    return owner;
  }

  replicaOf(master: ClusterNode): ClusterNode {
    const replica = this.nodes[this.nodes.indexOf(master) + MASTERS];
    if (replica === undefined) throw new Error('this master has no replica');
    return replica;
  }

  async moveSlotOf(key: string, target: ClusterNode): Promise<void> {
    const source = await this.ownerOf(key);
    const slot = Number(await source.admin('CLUSTER', 'KEYSLOT', key));
    await target.admin('CLUSTER', 'SETSLOT', slot, 'IMPORTING', source.id);
    await source.admin('CLUSTER', 'SETSLOT', slot, 'MIGRATING', target.id);
    for (;;) {
      const keys = (await source.admin('CLUSTER', 'GETKEYSINSLOT', slot, 10)) as string[];
      if (keys.length === 0) break;
      const place = ['127.0.0.1', target.server.port, '', 0, 5_000];
      await source.admin('MIGRATE', ...place, 'KEYS', ...keys);
    }
    for (const node of [target, source]) {
      await node.admin('CLUSTER', 'SETSLOT', slot, 'NODE', target.id);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map(({ server }) => server.stop()));
  }

  async #askAny(command: string, ...args: string[]): Promise<unknown> {
    return Promise.any(this.nodes.map((node) => node.admin(command, ...args)));
  }
}

function startNode(busPort: number): Promise<RunningRedis> {
  return startRedis({
    args: [
      ...['--cluster-enabled', 'yes', '--cluster-port', String(busPort)],
      ...['--cluster-node-timeout', String(NODE_TIMEOUT_MS)],
      // The death of one node is nothing to the others.
      ...['--cluster-require-full-coverage', 'no'],
      // A replica takes the place of a master with which it has just lost the connection.
      ...['--cluster-replica-validity-factor', '0', '--repl-diskless-sync-delay', '0'],
    ],
  });
}

async function nodeOf(server: RunningRedis): Promise<ClusterNode> {
  const admin: ClusterNode['admin'] = (command, ...args) => askRedis(server.url, command, ...args);
  return { server, id: String(await admin('CLUSTER', 'MYID')), admin };
}

async function untilInfo(node: ClusterNode, parts: readonly string[]): Promise<void> {
  await eventually(
    () => node.admin('CLUSTER', 'INFO'),
    (info) => parts.every((part) => String(info).includes(part)),
    { what: `${parts.join(' and ')} of the cluster` },
  );
}
