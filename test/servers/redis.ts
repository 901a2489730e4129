/** Real Redis servers for tests: each on its own free loopback port with its own directory. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePorts } from './free-port.js';

const START_DEADLINE_MS = 15_000;
const STOP_DEADLINE_MS = 10_000;

export interface RedisOptions {
  /** Where it keeps its files; without one, a temporary directory that `stop` removes. */
  readonly dir?: string;
  /** A port that must be this one; else any free one. */
  readonly port?: number;
  /** Arguments of redis-server after the defaults (no persistence), e.g. `['--appendonly', 'yes']`. */
  readonly args?: readonly string[];
}

/** A redis-server process; it dies with the test process, however that ends. */
export interface RunningRedis {
  readonly url: string;
  readonly port: number;
  readonly dir: string;
  /** Process id of the server as it runs now; another one after `restart`. */
  readonly pid: number;
  /** Ends it in an orderly way and removes its temporary directory. May be called twice. */
  stop(): Promise<void>;
  /** Ends it with SIGKILL; its files stay for `restart`. */
  kill(): Promise<void>;
  /** Ends it in an orderly way if it runs, and starts it on the same port and files. */
  restart(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing is answered. */
  suspend(): void;
  resume(): void;
}

/** Starts a Redis server and waits until it answers, its data loaded. */
export async function startRedis(options: RedisOptions = {}): Promise<RunningRedis> {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'conference-redis-')));
  const launch = (port: number): Promise<ChildProcess> =>
    launchRedis(port, dir, options.args ?? []);

  let port = options.port ?? (await findFreePort());
  let server: ChildProcess;
  try {
    server = await launch(port);
  } catch (error) {
    if (options.port !== undefined) {
      throw error;
    }
    // Somebody else may have taken the port between the look and the start.
    port = await findFreePort();
    server = await launch(port);
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    dir,
    get pid() {
      return pidOf(server);
    },
    async stop() {
      await end(server, 'SIGTERM');
      if (options.dir === undefined) {
        await rm(dir, { recursive: true, force: true });
      }
    },
    kill: () => end(server, 'SIGKILL'),
    async restart() {
      await end(server, 'SIGTERM');
      server = await launch(port);
    },
    suspend: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
  };
}

async function launchRedis(
  port: number,
  dir: string,
  args: readonly string[],
): Promise<ChildProcess> {
  const defaults = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', ''];
  // pdeathsig: a test process that is killed must leave no server behind.
  const server = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', '--', 'redis-server', ...defaults, '--appendonly', 'no', ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  const keepOutput = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-4_000);
  };
  server.stdout.on('data', keepOutput);
  server.stderr.on('data', keepOutput);
  server.on('error', (error) => keepOutput(Buffer.from(error.message)));

  const deadline = Date.now() + START_DEADLINE_MS;
  while (!(await answersPing(port))) {
    if (hasEnded(server) || server.pid === undefined || Date.now() > deadline) {
      await end(server, 'SIGKILL');
      throw new Error(`redis-server did not start on port ${port}:\n${output}`);
    }
    await wait(10);
  }
  if (hasEnded(server)) {
    throw new Error(`port ${port} is answered by another server:\n${output}`);
  }
  return server;
}

async function end(server: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (hasEnded(server) || server.pid === undefined) {
    return;
  }
  const ended = once(server, 'exit');
  server.kill('SIGCONT');
  server.kill(signal);
  const tooLate = setTimeout(() => server.kill('SIGKILL'), STOP_DEADLINE_MS);
  await ended;
  clearTimeout(tooLate);
}

function hasEnded(server: ChildProcess): boolean {
  return server.exitCode !== null || server.signalCode !== null;
}

function pidOf(server: ChildProcess): number {
  if (server.pid === undefined) {
    throw new Error('redis-server has no process id');
  }
  return server.pid;
}

/** Asks once; a server that wants a password is up, one that still loads its data is not. */
function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const finish = (isUp: boolean): void => {
      socket.destroy();
      resolve(isUp);
    };
    socket.setTimeout(1_000, () => finish(false));
    socket.on('connect', () => socket.write('PING\r\n'));
    socket.on('data', (reply) => finish(/^(\+PONG|-NOAUTH)/.test(reply.toString())));
    socket.on('error', () => finish(false));
    socket.on('close', () => finish(false));
  });
}

async function findFreePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) {
    throw new Error('no free port was found');
  }
  return port;
}
