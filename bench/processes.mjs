/** Processes of a benchmark: free ports, starting and waiting, ending in reverse order. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';

const START_DEADLINE_MS = 20_000;
const STOP_DEADLINE_MS = 15_000;

/** The last core. Asked for once: of a process that has been set apart only its own cores count. */
const LAST_CORE = availableParallelism() - 1;

/** What a benchmark has started, to be ended whatever happens. */
export class Cleanup {
  #steps = [];

  /** Remembers a step; the last one added runs first. */
  add(step) {
    this.#steps.push(step);
  }

  /** A new folder that goes with the benchmark. */
  makeDirectory() {
    const directory = mkdtempSync(join(tmpdir(), 'conference-bench-'));
    this.add(() => rmSync(directory, { recursive: true, force: true }));
    return directory;
  }

  async run() {
    for (const step of this.#steps.reverse()) {
      await step();
    }
    this.#steps = [];
  }
}

/** Runs a benchmark and ends everything that it started; resolves with what it brought. */
export async function withCleanup(work) {
  const cleanup = new Cleanup();
  try {
    return await work(cleanup);
  } finally {
    await cleanup.run();
  }
}

/** A process that dies with this one, however this one ends. */
export function spawnTied(command, args, options) {
  return spawn('setpriv', ['--pdeathsig', 'KILL', '--', command, ...args], options);
}

/**
 * Gives a server the first core for itself, and leaves the others to this process and to whatever it
 * starts from now on; does nothing where there is one core. What is measured of the server is then
 * its own doing, and not that of those who share the machine with it.
 */
export function setApart(cleanup, serverPid) {
  if (LAST_CORE === 0) return;
  pin(serverPid, '0');
  pin(process.pid, `1-${LAST_CORE}`);
  cleanup.add(() => pin(process.pid, `0-${LAST_CORE}`));
}

function pin(pid, cores) {
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', cores, String(pid)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Ends a process in order, with SIGKILL where it does not end in time. */
export async function endProcess(child) {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const tooLate = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  await ended;
  clearTimeout(tooLate);
}

/** Ports of the loopback that were free a moment ago. */
export async function findFreePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Looks until the look brings something true, which is returned; fails after the deadline. */
export async function waitUntil(
  look,
  what,
  { timeoutMs = START_DEADLINE_MS, intervalMs = 20 } = {},
) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await look();
    if (value) {
      return value;
    }
    if (Date.now() > deadline) {
      throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}

/** Whether something accepts connections on a port of the loopback. */
export function isListening(port) {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
