/**
 * A TCP relay in front of a server: to cut the link, hold it up, lose or alter what is said, or
 * refuse.
 */
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { AlteredStanzas, type AlterStanza } from './altered-stanzas.js';

/** One direction of the relay: what is said to the server, or what the server says. */
export type Way = 'requests' | 'answers';

/** Listens on a free port of loopback and relays to a port of loopback. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new TcpProxy(server, targetPort);
}

export class TcpProxy {
  readonly port: number;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  /** The server's sides of connections of whose end it has not been told. */
  readonly #orphans = new Set<Socket>();
  readonly #held = new Set<Way>();
  readonly #swallowed = new Set<Way>();
  #isRefusing = false;
  #altered: AlteredStanzas | undefined;
  #onNextHalf: { readonly way: Way; readonly done: () => void } | undefined;
  /** How much was lost. */
  droppedBytes = 0;

  constructor(
    private readonly server: Server,
    private readonly targetPort: number,
  ) {
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (client) => this.#relay(client));
  }

  /** Ends every relayed connection at once; new ones are relayed. */
  cut(): void {
    for (const [client, upstream] of this.#pairs) {
      client.destroy();
      upstream.destroy();
    }
    this.#pairs.clear();
  }

  /** Cuts, and ends new connections at once until `accept`. */
  refuse(): void {
    this.#isRefusing = true;
    this.cut();
  }

  accept(): void {
    this.#isRefusing = false;
  }

  /**
   * Passes only the first half of what goes that way next, so that a stanza ends in its middle,
   * and refuses from then on. Resolves when that has happened.
   */
  refuseHalfway(way: Way): Promise<void> {
    return new Promise((resolve) => {
      this.#onNextHalf = { way, done: resolve };
    });
  }

  /**
   * What goes that way waits in the relay, as TCP makes it wait where packets are lost; nothing is
   * lost for good. What goes the other way arrives.
   */
  hold(way: Way): void {
    this.#held.add(way);
    for (const pair of this.#pairs) this.#sourceOf(way, pair).pause();
  }

  /** Ends `hold`: what waited arrives. */
  release(way: Way): void {
    this.#held.delete(way);
    for (const pair of this.#pairs) this.#sourceOf(way, pair).resume();
  }

  /** What goes that way is lost from now on; what goes the other way arrives. */
  swallow(way: Way): void {
    this.#swallowed.add(way);
  }

  /** From now on stanzas of the server arrive as they are altered; the stream must be up. */
  alterAnswers(alter: AlterStanza): void {
    this.#altered = new AlteredStanzas(alter);
  }

  /** Ends `swallow` and `alterAnswers`; what was lost stays lost. */
  pass(way: Way): void {
    this.#swallowed.delete(way);
    if (way === 'answers') this.#altered = undefined;
  }

  /**
   * Cuts the client's side alone: the server does not learn of it, as where a host or a firewall
   * dies, and keeps the connection until `bury`.
   */
  orphan(): void {
    for (const [client, upstream] of this.#pairs) {
      this.#orphans.add(upstream);
      client.destroy();
    }
  }

  /** Ends `orphan`: the server learns of it. */
  bury(): void {
    for (const upstream of this.#orphans) upstream.destroy();
    this.#orphans.clear();
  }

  async stop(): Promise<void> {
    this.bury();
    this.refuse();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  #relay(client: Socket): void {
    if (this.#isRefusing) {
      client.destroy();
      return;
    }
    const upstream = connect({ host: '127.0.0.1', port: this.targetPort });
    const pair = [client, upstream] as const;
    this.#pairs.add(pair);
    const end = (): void => {
      client.destroy();
      if (!this.#orphans.has(upstream)) upstream.destroy();
      this.#pairs.delete(pair);
    };
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', end);
    }
    client.on('data', (chunk) => this.#pass('requests', chunk, upstream));
    upstream.on('data', (chunk) => this.#pass('answers', chunk, client));
    for (const way of this.#held) this.#sourceOf(way, pair).pause();
  }

  #pass(way: Way, chunk: Buffer, target: Socket): void {
    if (this.#swallowed.has(way)) {
      this.droppedBytes += chunk.length;
      return;
    }
    if (this.#onNextHalf?.way !== way || chunk.length < 2) {
      target.write((way === 'answers' ? this.#altered?.take(chunk) : undefined) ?? chunk);
      return;
    }
    const { done } = this.#onNextHalf;
    this.#onNextHalf = undefined;
    this.#isRefusing = true;
    target.write(chunk.subarray(0, chunk.length >> 1), () => {
      this.cut();
      done();
    });
  }

  #sourceOf(way: Way, [client, upstream]: readonly [Socket, Socket]): Socket {
    return way === 'requests' ? client : upstream;
  }
}
