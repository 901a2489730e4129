/** Connections of clients that speak HTTP as they like, or not at all. */
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';

/** So many connections are opened at a time: more than wait in the queue of a listening socket. */
const OPENED_AT_A_TIME = 200;

export class RawConnections {
  readonly #sockets: Socket[] = [];
  readonly #heard: Buffer[][] = [];
  /** Why connections could not be opened at all. */
  readonly #refusals: string[] = [];

  private constructor(readonly count: number) {}

  /**
   * Opens connections, and sends on each what is said for it.
   * @param isReading whether what comes back is read; else it stays in the buffers of the system
   */
  static async open(
    port: number,
    count: number,
    options: {
      readonly says?: (index: number) => string | Buffer;
      readonly isReading?: boolean;
    } = {},
  ): Promise<RawConnections> {
    const connections = new RawConnections(count);
    for (let first = 0; first < count; first += OPENED_AT_A_TIME) {
      const length = Math.min(OPENED_AT_A_TIME, count - first);
      await Promise.all(Array.from({ length }, () => connections.#open(port, options.isReading)));
      const [refusal] = connections.#refusals;
      if (refusal !== undefined) throw new Error(`connections cannot be opened: ${refusal}`);
      if (options.says === undefined) continue;
      for (let index = first; index < first + length; index += 1) {
        connections.#sockets[index]?.write(options.says(index));
      }
    }
    return connections;
  }

  /** How many are neither ended nor cut by the other side. */
  get openCount(): number {
    return this.#sockets.filter(({ readable, destroyed }) => readable && !destroyed).length;
  }

  /** Everything that came back, by connection. */
  get heard(): string[] {
    return this.#heard.map((chunks) => Buffer.concat(chunks).toString());
  }

  /** Goes on sending, piece by piece on all of them, until all are ended or it is told to stop. */
  async drip(piece: string, paceMs: number, lastMs: number): Promise<void> {
    const endMs = performance.now() + lastMs;
    while (this.openCount > 0 && performance.now() < endMs) {
      for (const socket of this.#sockets) {
        if (socket.writable && !socket.writableNeedDrain) socket.write(piece);
      }
      await wait(paceMs);
    }
  }

  /** Closes our half of each. */
  endAll(): void {
    for (const socket of this.#sockets) socket.end();
  }

  /** Waits until the other side has ended all but so many. */
  async untilOpen(atMost: number, timeoutMs: number): Promise<void> {
    await eventually(
      () => this.openCount,
      (open) => open <= atMost,
      { timeoutMs, what: `at most ${atMost} connections to be open` },
    );
  }

  /** Cuts all. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async #open(port: number, isReading = true): Promise<void> {
    const heard: Buffer[] = [];
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    this.#sockets.push(socket);
    this.#heard.push(heard);
    // Whoever is cut is not told why: what came before counts.
    socket.on('error', ({ message }) => {
      if (socket.connecting) this.#refusals.push(message);
      socket.destroy();
    });
    socket.on('data', (chunk: Buffer) => heard.push(chunk));
    if (!isReading) socket.pause();
    await new Promise((resolve) => {
      socket.once('connect', resolve);
      socket.once('close', resolve);
    });
  }
}
