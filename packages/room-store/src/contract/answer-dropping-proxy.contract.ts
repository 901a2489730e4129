/** The middle of a TCP connection that passes requests on and may drop the answers to them. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface AnswerDroppingProxy {
  readonly port: number;
  /** Drops whatever the server says from now on, until `heal`. */
  dropAnswers(): void;
  /** Cuts the connections whose answers were dropped; new ones get theirs. */
  heal(): void;
  stop(): Promise<void>;
}

/** Takes connections on a free loopback port and passes them on to another one. */
export async function startAnswerDroppingProxy(targetPort: number): Promise<AnswerDroppingProxy> {
  const sockets = new Set<Socket>();
  let isDropping = false;
  const track = (socket: Socket, other: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      other.destroy();
    });
  };
  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1');
    track(client, target);
    track(target, client);
    client.on('data', (data) => target.write(data));
    target.on('data', (data) => {
      if (!isDropping) {
        client.write(data);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of sockets) {
      socket.destroy();
    }
  };
  return {
    port: (server.address() as AddressInfo).port,
    dropAnswers: () => void (isDropping = true),
    heal() {
      cut();
      isDropping = false;
    },
    async stop() {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}
