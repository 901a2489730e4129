/**
 * Sees marks in the change stream of a store: subjects that tell which event they stand for, and so
 * how long it took from the event until every reader of Redis could see it.
 */
import { Redis } from 'ioredis';
import { nowMs } from './clock.mjs';

const ENTRIES_AT_ONCE = 64;
const BLOCK_MS = 200;

/**
 * Watches until it is ended.
 * @param {import('./processes.mjs').Cleanup} cleanup
 * @param {{ redis: { url: string }, mucService: string, pattern: RegExp, onMark: (mark: string, atMs: number) => void }} options
 *   `pattern`: global, finds in rows as JSON what is handed over as a mark: its first group
 */
export function watchMarks(cleanup, { redis, mucService, pattern, onMark }) {
  const client = new Redis(redis.url);
  const key = `conference:{${mucService}}:changes`;
  // A row is told again with every change of its room, and its mark with it.
  const seen = new Set();
  let isOver = false;
  const watching = (async () => {
    let last = '$';
    while (!isOver) {
      const reply = await client.xread(
        ...['COUNT', ENTRIES_AT_ONCE, 'BLOCK', BLOCK_MS, 'STREAMS', key, last],
      );
      const atMs = nowMs();
      for (const [id, fields] of reply?.[0]?.[1] ?? []) {
        last = id;
        const rows = fields[fields.indexOf('put') + 1];
        for (const [, mark] of rows.matchAll(pattern)) {
          if (!seen.has(mark)) onMark(mark, atMs);
          seen.add(mark);
        }
      }
    }
  })();
  cleanup.add(async () => {
    isOver = true;
    await watching;
    client.disconnect();
  });
}
