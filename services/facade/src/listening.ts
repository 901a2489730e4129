/** Beginning and ending to listen. */
import { ConferenceError } from '@conference/muc';
import { delay } from '@conference/service-runtime';
import type { Server } from 'node:http';

/** How often connections that have become idle are looked for while the server closes. */
const SWEEP_MS = 20;

/** Listens. Fails with `configuration-invalid`, naming the settings, where that cannot be. */
export function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException): void => {
      const why = cause.code === 'EADDRINUSE' ? 'the port is in use' : `${cause.code}`;
      reject(
        new ConferenceError(
          'configuration-invalid',
          `FACADE_HOST and FACADE_PORT: cannot listen on ${host} port ${port}: ${why}`,
          { cause },
        ),
      );
    };
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      resolve();
    });
  });
}

/**
 * Takes no new connections, lets requests in flight finish, closes each connection as soon as it
 * is idle, and cuts what is left after the deadline.
 */
export async function closeServer(server: Server, timeoutMs: number): Promise<void> {
  const closed = new AbortController();
  const closing = new Promise<void>((resolve) => {
    server.close(() => {
      closed.abort();
      resolve();
    });
  });
  const deadlineMs = Date.now() + timeoutMs;
  while (!closed.signal.aborted && Date.now() < deadlineMs) {
    server.closeIdleConnections();
    await delay(SWEEP_MS, closed.signal);
  }
  server.closeAllConnections();
  await closing;
}
