/** Ports for servers that cannot be told to take port 0. */
import { createServer } from 'node:net';

/** Below the range from which the system takes the ports of outgoing connections. */
const FIRST = 20_000;
const LAST = 32_000;

/** Of so many workers of one run none takes another's ports, however many start servers at once. */
const SHARES = 16;
const SHARE = Math.floor((LAST - FIRST) / SHARES);
const ownShare = FIRST + (Number(process.env['JEST_WORKER_ID'] ?? 0) % SHARES) * SHARE;

/** How far into its share this process is; runs beside each other begin at different places. */
let next = Math.floor(Math.random() * SHARE);

/** Different ports that nothing listens on at this moment on 127.0.0.1; not given out lately. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = ownShare + next;
    next = (next + 1) % SHARE;
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
