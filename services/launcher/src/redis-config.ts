/** The configuration of the Redis that `up` runs. */

export interface RedisConfigOptions {
  readonly port: number;
  /** Letters, digits, `_` and `-` only. */
  readonly password: string;
  /** Absolute folder of its files. */
  readonly dataDir: string;
}

/**
 * The text of a `redis.conf`: loopback only, a password, every write appended to a file, so that
 * the dates of rooms survive a restart. Nothing may be evicted: a full Redis refuses writes.
 */
export function buildRedisConfig(options: RedisConfigOptions): string {
  return `# Written anew at every start; changes are lost.
bind 127.0.0.1
port ${options.port}
protected-mode yes
requirepass ${options.password}
dir ${redisString(options.dataDir)}
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
