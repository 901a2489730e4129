/** Sees every command that Redis runs, and which of them were written in the name of an epoch. */
import { Redis } from 'ioredis';

/** What the store's scripts write with. */
const WRITING = new Set(['HSET', 'HDEL', 'SET', 'DEL', 'UNLINK', 'XADD', 'XTRIM', 'PEXPIRE']);

interface Monitor {
  on(event: 'monitor', heard: (time: string, args: string[], source: string) => void): void;
  disconnect(): void;
}

export class WriteWatch {
  /** How many scripts were called by whom has that epoch. */
  attempts = 0;
  /** What these wrote; nothing, where they were refused. */
  readonly written: string[] = [];
  #isOwn = false;

  private constructor(
    private readonly monitor: Monitor,
    epoch: string,
  ) {
    monitor.on('monitor', (_time, args, source) => {
      // A script's own commands follow its call.
      if (source !== 'lua') {
        this.#isOwn = args.includes(epoch);
        if (this.#isOwn) this.attempts += 1;
      } else if (this.#isOwn && WRITING.has((args[0] ?? '').toUpperCase())) {
        this.written.push(args.slice(0, 3).join(' '));
      }
    });
  }

  /** @param meta the key of the store's epoch, which is that of whoever follows now */
  static async begin(redisUrl: string, meta: string): Promise<WriteWatch> {
    const redis = new Redis(redisUrl);
    try {
      const epoch = await redis.hget(meta, 'epoch');
      if (epoch === null) throw new Error(`nobody has written to ${meta}`);
      return new WriteWatch(await redis.monitor(), epoch);
    } finally {
      redis.disconnect();
    }
  }

  stop(): void {
    this.monitor.disconnect();
  }
}
