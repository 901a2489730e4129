/** Gives turns to those who run faults beside each other (test/faults/turn.ts). */
import { createServer } from 'node:net';

/** What says that a turn has come. */
const COME = '.';

/**
 * Listens on that path of a socket: each connection is somebody who waits for a turn, and has it
 * until the connection ends. So many have one at once; who came first is first.
 * @returns ends it
 */
export async function giveTurns(path, count) {
  const waiting = new Set();
  const having = new Set();
  const give = () => {
    for (const socket of waiting) {
      if (having.size === count) {
        return;
      }
      waiting.delete(socket);
      having.add(socket);
      socket.write(COME);
    }
  };
  const server = createServer((socket) => {
    waiting.add(socket);
    // Whoever dies with a turn has had it.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      waiting.delete(socket);
      having.delete(socket);
      give();
    });
    socket.resume();
    give();
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return () => {
    for (const socket of [...waiting, ...having]) {
      socket.destroy();
    }
    server.close();
  };
}
