/** A server's process: started so that it cannot outlive the test, ended, hung. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Command } from '@conference/launcher';
import { eventually, withDeadline } from '../support/eventually.js';

const START_TIMEOUT_MS = 30_000;

export class ForeignProcess {
  /** Everything that it said since it was first started. */
  log = '';
  #process: ChildProcess | undefined;

  /** @param signal sends the server a signal, where the process started here is only in front of it */
  constructor(
    private readonly name: string,
    private readonly command: Command,
    private readonly signal = (child: ChildProcess, name: NodeJS.Signals): void => {
      child.kill(name);
    },
  ) {}

  /** The process id while it runs. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts it and waits until every port accepts and the server says that it is ready. */
  async start(
    host: string,
    ports: readonly number[],
    isReady: () => boolean = () => true,
  ): Promise<void> {
    // pdeathsig: a test process that is killed must leave no server behind.
    const child = spawn(
      'setpriv',
      ['--pdeathsig', 'KILL', '--', this.command.command, ...this.command.args],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...this.command.environment },
      },
    );
    this.#process = child;
    const collect = (chunk: Buffer): void => {
      this.log += chunk.toString('utf8');
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    let hasEnded = false;
    child.once('exit', () => (hasEnded = true));
    const comesUp = eventually(
      async () => {
        if (hasEnded) return true;
        const accepting = await Promise.all(ports.map((port) => accepts(host, port)));
        return accepting.every(Boolean) && isReady();
      },
      Boolean,
      { timeoutMs: START_TIMEOUT_MS, what: `${this.name} on ports ${ports.join(', ')}` },
    );
    await comesUp.catch((cause: unknown) => {
      throw new Error(`${this.name} does not come up; it said:\n${this.log}`, { cause });
    });
    if (hasEnded) throw new Error(`${this.name} ended with ${child.exitCode}:\n${this.log}`);
  }

  /** Sends the signal and waits for the end; without effect where it does not run. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    this.signal(child, 'SIGCONT');
    this.signal(child, signal);
    await withDeadline(ended, `the end of ${this.name} after ${signal}`, 20_000);
  }

  suspend(): void {
    if (this.#process !== undefined) this.signal(this.#process, 'SIGSTOP');
  }

  resume(): void {
    if (this.#process !== undefined) this.signal(this.#process, 'SIGCONT');
  }
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
