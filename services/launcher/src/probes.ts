/** Looking whether a server answers, and whether a port is free. */
import { connect, createServer } from 'node:net';
import { ConferenceError } from '@conference/muc';
import { nameOf, type SettingName } from './up-options.js';

/** Everything here listens on loopback only. */
export const LOOPBACK = '127.0.0.1';

const PROBE_TIMEOUT_MS = 2_000;

/** Fails with `configuration-invalid`, naming the setting, where something listens already. */
export async function requireFreePort(port: number, setting: SettingName): Promise<void> {
  const code = await new Promise<string | undefined>((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, LOOPBACK, () => server.close(() => resolve(undefined)));
  });
  if (code !== undefined) {
    const why =
      code === 'EADDRINUSE'
        ? 'another program already listens there'
        : code === 'EACCES'
          ? 'that port needs root'
          : code;
    throw new ConferenceError(
      'configuration-invalid',
      `port ${port} of ${nameOf(setting)} cannot be used: ${why}. Choose another with --${setting.option}`,
    );
  }
}

/** Tells whether a port accepts connections. */
export function acceptsConnections(port: number): Promise<boolean> {
  return converse(port, undefined, () => true);
}

/** Tells whether Redis answers with its data loaded. */
export function answersRedis(port: number, password: string): Promise<boolean> {
  return converse(port, `AUTH ${password}\r\nPING\r\n`, (text) => text.includes('+PONG'));
}

/** Undefined when the facade is ready; otherwise why it is not. */
export async function whyFacadeIsNotReady(baseUrl: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${baseUrl}/readyz`, {
      signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
    });
    return response.ok ? undefined : (await response.text()).trim();
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    return cause instanceof Error ? cause.message : String(cause);
  }
}

/** Connects, says something if given, and lets the answer, or the connection itself, decide. */
function converse(
  port: number,
  request: string | undefined,
  isAnswer: (received: string) => boolean,
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: LOOPBACK, port });
    let received = '';
    const finish = (isUp: boolean): void => {
      socket.destroy();
      resolve(isUp);
    };
    socket.setTimeout(PROBE_TIMEOUT_MS, () => finish(false));
    socket.once('connect', () => {
      if (request === undefined) {
        finish(true);
      } else {
        socket.write(request);
      }
    });
    socket.on('data', (chunk) => {
      received += chunk.toString('utf8');
      if (isAnswer(received)) {
        finish(true);
      }
    });
    socket.once('error', () => finish(false));
    socket.once('close', () => finish(false));
  });
}
