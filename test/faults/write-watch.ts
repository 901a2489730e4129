/** Sees every command that Redis runs, and which of them were written in the name of an epoch. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';

/** What the store's scripts write with. */
const WRITING = new Set(['HSET', 'HDEL', 'SET', 'DEL', 'UNLINK', 'XADD', 'XTRIM', 'PEXPIRE']);

/** A line of MONITOR: when, which database, by whom, and the command's words in quotes. */
const HEARD = /^\+[\d.]+ \[\d+ (?<source>\S+)\] (?<words>.*)$/;
const WORD = /"((?:[^"\\]|\\.)*)"/g;

export class WriteWatch {
  /** How many scripts were called by whom has that epoch. */
  attempts = 0;
  /** What these wrote; nothing, where they were refused. */
  readonly written: string[] = [];
  #isOwn = false;

  private constructor(
    private readonly socket: Socket,
    epoch: string,
  ) {
    createInterface({ input: socket }).on('line', (line) => {
      const { source, words = '' } = HEARD.exec(line)?.groups ?? {};
      if (source === undefined) return;
      const args = [...words.matchAll(WORD)].map(([, word]) => word ?? '');
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
      // ioredis takes what follows MONITOR's own answer in one piece for replies, and throws.
      const { hostname, port } = new URL(redisUrl);
      const socket = connect(Number(port), hostname);
      await once(socket, 'connect');
      socket.write('MONITOR\r\n');
      return new WriteWatch(socket, epoch);
    } finally {
      redis.disconnect();
    }
  }

  stop(): void {
    this.socket.destroy();
  }
}
