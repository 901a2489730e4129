/** What an administrator asks of one Redis server. */
import { Redis } from 'ioredis';

/** Runs one command on a connection of its own; fails at once where nobody listens. */
export async function askRedis(
  url: string,
  command: string,
  ...args: (string | number)[]
): Promise<unknown> {
  const client = new Redis(url, { retryStrategy: null, lazyConnect: true });
  // A client that could not connect has ended by itself.
  await client.connect();
  try {
    return await client.call(command, args);
  } finally {
    client.disconnect();
  }
}
