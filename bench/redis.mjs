/** A Redis of the benchmark's own, with an append-only file as in `up`. */
import { Redis } from 'ioredis';
import { endProcess, findFreePorts, isListening, spawnTied, waitUntil } from './processes.mjs';

/**
 * @param {import('./processes.mjs').Cleanup} cleanup
 * @returns {Promise<{ url: string, client: Redis }>} where it is, and a connection to look inside
 */
export async function startRedis(cleanup) {
  const directory = cleanup.makeDirectory();
  const [port] = await findFreePorts(1);
  const child = spawnTied(
    'redis-server',
    [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--save', ''],
      ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--maxmemory-policy', 'noeviction'],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  cleanup.add(() => endProcess(child));
  await waitUntil(() => isListening(port), `Redis on port ${port}`);
  const url = `redis://127.0.0.1:${port}`;
  const client = new Redis(url);
  cleanup.add(() => client.disconnect());
  return { url, client };
}

/** What `INFO memory` calls used_memory, in bytes. */
export async function usedMemory(client) {
  const [, bytes] = /^used_memory:(\d+)/m.exec(await client.info('memory')) ?? [];
  return Number(bytes);
}

/** Waits until the tracker has written that its picture is live. */
export function waitForLivePicture(client, mucService, timeoutMs = 900_000) {
  return waitUntil(
    async () =>
      (await client.hget(`conference:{${mucService}}:meta`, 'picture'))?.startsWith('live') ===
      true,
    'the picture to be live',
    { timeoutMs, intervalMs: 5 },
  );
}
