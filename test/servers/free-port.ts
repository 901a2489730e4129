/** Ports for servers that cannot be told to take port 0. */
import { createServer } from 'node:net';

/** Below the range from which the system takes the ports of outgoing connections. */
const FIRST = 20_000;
const LAST = 32_000;

/** Different ports that nothing listens on at this moment on 127.0.0.1. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (await isFree(port)) {
      ports.add(port);
    }
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
