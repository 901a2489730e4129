/** The middle of a TCP connection that can go dead for the answers, as a lost link does. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface AnswerDroppingProxy {
  readonly port: number;
  /** Connections that are open now pass requests on and never an answer again; new ones do. */
  dropAnswers(): void;
  stop(): Promise<void>;
}

/** Takes connections on a free loopback port and passes them on to another one. */
export async function startAnswerDroppingProxy(targetPort: number): Promise<AnswerDroppingProxy> {
  const sockets = new Set<Socket>();
  let generation = 0;
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
    const ownGeneration = generation;
    track(client, target);
    track(target, client);
    client.on('data', (data) => target.write(data));
    target.on('data', (data) => {
      if (ownGeneration === generation) {
        client.write(data);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    dropAnswers: () => void (generation += 1),
    async stop() {
      server.close();
      for (const socket of sockets) {
        socket.destroy();
      }
      await once(server, 'close');
    },
  };
}
