/**
 * A TCP relay in front of a server, to cut the link, hold answers back, alter them or refuse on
 * demand.
 */
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { AlteredStanzas, type AlterStanza } from './altered-stanzas.js';

/** Listens on a free port of loopback and relays to a port of loopback. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new TcpProxy(server, targetPort);
}

export class TcpProxy {
  readonly port: number;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #isRefusing = false;
  #isDroppingAnswers = false;
  #altered: AlteredStanzas | undefined;
  /** How much of what the server said was lost. */
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

  /** What the server says is lost from now on; what is said to it still arrives. */
  dropAnswers(): void {
    this.#isDroppingAnswers = true;
  }

  passAnswers(): void {
    this.#isDroppingAnswers = false;
    this.#altered = undefined;
  }

  /** From now on stanzas of the server arrive as they are altered; the stream must be up. */
  alterAnswers(alter: AlterStanza): void {
    this.#altered = new AlteredStanzas(alter);
  }

  async stop(): Promise<void> {
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
      upstream.destroy();
      this.#pairs.delete(pair);
    };
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', end);
    }
    client.pipe(upstream);
    upstream.on('data', (chunk) => {
      if (this.#isDroppingAnswers) this.droppedBytes += chunk.length;
      else client.write(this.#altered?.take(chunk) ?? chunk);
    });
  }
}
