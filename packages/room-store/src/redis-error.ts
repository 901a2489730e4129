/** Failures of the Redis client, translated once. */
import { ConferenceError } from '@conference/muc';

/** Replies after which the same call fails again until somebody changes the configuration. */
const PERMANENT_CONDITIONS: ReadonlySet<string> = new Set([
  'CROSSSLOT',
  'ERR',
  'MOVED',
  'NOAUTH',
  'NOPERM',
  'WRONGPASS',
  'WRONGTYPE',
]);

/**
 * The condition of an error reply: its first word (Redis serialization protocol, Simple errors),
 * e.g. `READONLY`; undefined for every other failure.
 */
export function replyConditionOf(error: unknown): string | undefined {
  return error instanceof Error && error.name === 'ReplyError'
    ? error.message.split(' ', 1)[0]
    : undefined;
}

/** Of a client that found no node of a cluster, what the last node that it tried had to say. */
export function nodeFailureOf(error: Error): unknown {
  return 'lastNodeError' in error ? (error.lastNodeError ?? error) : error;
}

/**
 * Every failure of Redis is `store-unavailable`: READONLY, OOM, LOADING, MISCONF, a lost
 * connection, silence. The cause carries the message alone, for the client's own error carries
 * the command with all arguments: passwords and whole commits.
 */
export function toStoreError(error: unknown): ConferenceError {
  if (error instanceof ConferenceError) {
    return error;
  }
  const condition = replyConditionOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const isPermanent = condition !== undefined && PERMANENT_CONDITIONS.has(condition);
  const says = condition === undefined ? 'Redis cannot be reached' : 'Redis refuses';
  const hint = condition === 'MOVED' ? ' (a node of a Redis Cluster: set REDIS_CLUSTER=true)' : '';
  return storeUnavailable(`${says}: ${message}${hint}`, {
    cause: new Error(message),
    isRetryable: !isPermanent,
  });
}

/** A `store-unavailable`; retryable unless said otherwise. */
export function storeUnavailable(
  message: string,
  options: { readonly cause?: unknown; readonly isRetryable?: boolean } = {},
): ConferenceError {
  return new ConferenceError('store-unavailable', message, { isRetryable: true, ...options });
}
