/** The configuration of Redis: for `up`, and for the image. */

export interface RedisConfigOptions {
  /** Addresses to listen on, e.g. `127.0.0.1`; `*` for every one (in a container). */
  readonly interfaces: readonly string[];
  readonly port: number;
  /** Letters, digits, `_` and `-` only; absent where a line with it is added to the text later. */
  readonly password?: string;
  /** Absolute folder of its files. */
  readonly dataDir: string;
}

/**
 * The text of a `redis.conf`: a password, every write appended to a file, so that
 * the dates of rooms survive a restart. Nothing may be evicted: a full Redis refuses writes.
 */
export function buildRedisConfig(options: RedisConfigOptions): string {
  return `# Written anew at every start; changes are lost.
bind ${options.interfaces.join(' ')}
port ${options.port}
protected-mode yes
${options.password === undefined ? '' : `requirepass ${options.password}\n`}dir ${redisString(options.dataDir)}
daemonize no
logfile ""
save ""
appendonly yes
appendfsync everysec
maxmemory-policy noeviction
`;
}

function redisString(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
