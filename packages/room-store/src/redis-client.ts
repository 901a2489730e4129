/** The client of ioredis: for one Redis, or for a Redis Cluster of which one node has all our keys. */
import { ConferenceError } from '@conference/muc';
import { Cluster, Redis } from 'ioredis';
import { replyConditionOf } from './redis-error.js';

export type RedisClient = Redis | Cluster;

/** Where Redis is. */
export interface RedisAddress {
  /**
   * `redis://` or `rediss://` with user, password and database, as it need be. Of a cluster,
   * several nodes may be named, separated by commas; user and password are those of the first.
   */
  readonly redisUrl: string;
  /** Whether it is a Redis Cluster; default false. */
  readonly isCluster?: boolean;
}

const FIRST_RETRY_MS = 50;
/** However long Redis was away, it is found soon after its return. */
const LONGEST_RETRY_MS = 500;
/** How long a peer that does not answer may hold up the end of a connection, in ms. */
const DISCONNECT_TIMEOUT_MS = 100;
/** How often a cluster is asked again for the node of a key within one command. */
const REDIRECTIONS = 5;

/**
 * A client that begins to connect. Whoever asks it while it is down is refused and tries again.
 * Fails with `configuration-invalid` where several addresses are given for one Redis, or where a
 * cluster's has a number of a database.
 * @param timeoutMs the longest that connecting, or one answer, may take
 * @param isReconnecting whether a lost connection is made anew
 */
export function createRedisClient(
  address: RedisAddress,
  timeoutMs: number,
  isReconnecting: boolean,
): RedisClient {
  // A password may have commas too.
  const urls = address.redisUrl.split(/,(?=rediss?:\/\/)/);
  if (address.isCluster === true) {
    return createCluster(urls.map(parseNode), timeoutMs, isReconnecting);
  }
  if (urls.length > 1) {
    throw invalid('REDIS_URL names several servers, as only REDIS_CLUSTER=true may.');
  }
  return new Redis(address.redisUrl, {
    ...connectionOptions(timeoutMs),
    enableOfflineQueue: false,
    retryStrategy: isReconnecting ? retryDelayMs : null,
    // A server that was made a replica keeps its connections: look where the name points now.
    reconnectOnError: (error) => replyConditionOf(error) === 'READONLY',
  });
}

function connectionOptions(timeoutMs: number) {
  return {
    protocol: 2,
    connectionName: 'conference',
    disableClientInfo: true,
    connectTimeout: timeoutMs,
    // A connection that is silent while an answer is due is given up and replaced.
    socketTimeout: timeoutMs,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  } as const;
}

function createCluster(nodes: URL[], timeoutMs: number, isReconnecting: boolean): Cluster {
  const [first] = nodes;
  return new Cluster(
    nodes.map((node) => ({
      host: node.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(node.port || 6379),
    })),
    {
      redisOptions: {
        ...connectionOptions(timeoutMs),
        username: decodeURIComponent(first?.username ?? ''),
        password: decodeURIComponent(first?.password ?? ''),
        ...(first?.protocol === 'rediss:' ? { tls: {} } : {}),
      },
      clusterRetryStrategy: isReconnecting ? retryDelayMs : null,
      maxRedirections: REDIRECTIONS,
      // Certificates are made out to names.
      dnsLookup: (host, callback) => callback(null, host, 4),
    },
  );
}

function parseNode(text: string): URL {
  const url = new URL(text);
  if (!['', '/', '/0'].includes(url.pathname)) {
    throw invalid('REDIS_URL names a database, and a Redis Cluster has only database 0.');
  }
  return url;
}

function invalid(message: string): ConferenceError {
  return new ConferenceError('configuration-invalid', message);
}

/** Exponential, capped, jittered; the client starts again at 1 after a connection that was ready. */
function retryDelayMs(attempt: number): number {
  const fullMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt - 1, 10));
  return Math.round(fullMs * (0.5 + Math.random() / 2));
}
