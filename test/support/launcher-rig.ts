/** `npm run up` as people meet it: started with options of its own, used, stopped, killed. */
import { expect } from '@jest/globals';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Announcement } from '@conference/launcher';
import type { RoomRow } from '@conference/muc';
import { freePorts } from '../servers/free-port.js';
import { ChatClient } from './chat-client.js';
import { eventually, withDeadline } from './eventually.js';

const LAUNCHER = join('services', 'launcher', 'dist', 'main.js');
const PORTS = ['http', 'c2s', 'component', 'websocket', 'redis'];
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;

/** One start of it. */
export interface Run {
  readonly process: ChildProcess;
  /** What it printed until now. */
  readonly output: () => string;
  /** Its exit code. */
  readonly ended: Promise<number | null>;
}

export class LauncherRig {
  readonly #launchers: ChildProcess[] = [];

  private constructor(
    /** Where it keeps everything. */
    readonly dir: string,
    /** The ports that it is given, by what they are for. */
    readonly ports: Readonly<Record<string, number>>,
  ) {}

  /** Nothing started yet: a folder of its own and free ports. */
  static async create(): Promise<LauncherRig> {
    const ports = await freePorts(PORTS.length);
    return new LauncherRig(
      mkdtempSync(join(tmpdir(), 'conference-up-')),
      Object.fromEntries(PORTS.map((name, index) => [name, ports[index] ?? 0])),
    );
  }

  up(...extra: string[]): Run {
    const ports = Object.entries(this.ports).map(([name, port]) => `--${name}-port=${port}`);
    const child = spawn(process.execPath, [LAUNCHER, `--dir=${this.dir}`, ...ports, ...extra], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#launchers.push(child);
    let output = '';
    const collect = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const ended = once(child, 'close').then(([exitCode]) => exitCode as number | null);
    return { process: child, output: () => output, ended };
  }

  /** Waits until it has come up, and returns what it announces. */
  async announced(run: Run): Promise<Announcement> {
    await eventually(run.output, (output) => output.includes('\ncurl '), {
      timeoutMs: START_TIMEOUT_MS,
      what: 'the line with curl',
    });
    return JSON.parse(readFileSync(join(this.dir, 'up.json'), 'utf8')) as Announcement;
  }

  /** SIGTERM, upon which it must end in order. */
  async stop(run: Run): Promise<void> {
    run.process.kill('SIGTERM');
    expect(await withDeadline(run.ended, 'the stop', STOP_TIMEOUT_MS)).toBe(0);
  }

  /** It must end with a sentence that says this, and with no stack of calls. */
  async expectRefusal(run: Run, sentence: string): Promise<void> {
    expect(await withDeadline(run.ended, 'the refusal', START_TIMEOUT_MS)).toBe(1);
    expect(run.output()).toContain(sentence);
    expect(run.output()).not.toContain('    at ');
  }

  /** Process ids of the children, by the records that the launcher keeps of them. */
  childPids(): Record<string, number> {
    const files = readdirSync(join(this.dir, 'run'));
    return Object.fromEntries(
      files.map((file) => {
        const { pid } = JSON.parse(readFileSync(join(this.dir, 'run', file), 'utf8')) as {
          pid: number;
        };
        return [file.replace('.json', ''), pid];
      }),
    );
  }

  /** Ends whatever a test has left, and the folder. */
  async end(): Promise<void> {
    for (const launcher of this.#launchers) {
      launcher.kill('SIGTERM');
      if (launcher.exitCode === null && launcher.signalCode === null) await once(launcher, 'exit');
    }
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** A process that has ended but was not yet waited for (a zombie) runs no more. */
export function isRunning(pid: number): boolean {
  const path = `/proc/${pid}/status`;
  return existsSync(path) && !readFileSync(path, 'utf8').includes('State:\tZ');
}

/** Runs the printed line in a shell, as somebody does who pastes it. */
export async function pasteCurl(run: Run): Promise<RoomRow[]> {
  const lines = run
    .output()
    .split('\n')
    .filter((candidate) => candidate.startsWith('curl '));
  expect(lines).toHaveLength(1);
  const { stdout } = await promisify(execFile)('sh', ['-c', lines[0] ?? '']);
  return (JSON.parse(stdout) as { data: { rooms: RoomRow[] } }).data.rooms;
}

/** Logs in as the account with that number; as nobody in particular without one. */
export function logIn({ xmpp }: Announcement, account?: number): Promise<ChatClient> {
  const { host, port, domain, anonymousDomain, accounts } = xmpp;
  const login = account === undefined ? undefined : accounts[account];
  return ChatClient.connect({
    host,
    port,
    domain: login === undefined ? anonymousDomain : domain,
    ...(login === undefined ? {} : { account: login }),
  });
}
