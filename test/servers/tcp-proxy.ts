/** A TCP relay between the tracker and a server, to cut, stall or delay the link on demand. */
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

export class TcpProxy {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #isOpen = true;

  private constructor(
    server: Server,
    private readonly target: { readonly host: string; readonly port: number },
  ) {
    this.#server = server;
    server.on('connection', (client) => this.#relay(client));
  }

  /** Listens on a free port of loopback and relays to the target. */
  static async start(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new TcpProxy(server, target);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends every relayed connection, and refuses new ones until `open`. */
  cut(): void {
    this.#isOpen = false;
    this.#destroyAll();
  }

  /** Relays again. */
  open(): void {
    this.#isOpen = true;
  }

  async stop(): Promise<void> {
    this.#destroyAll();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #destroyAll(): void {
    for (const [client, upstream] of this.#pairs) {
      client.destroy();
      upstream.destroy();
    }
    this.#pairs.clear();
  }

  #relay(client: Socket): void {
    if (!this.#isOpen) {
      client.destroy();
      return;
    }
    const upstream = connect(this.target);
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
    upstream.pipe(client);
  }
}
