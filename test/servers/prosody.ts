/** A real Prosody for tests: own data, free ports, the configuration that `npm run up` uses. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Account,
  ensureProsodyAccount,
  type ProsodyPorts,
  writeProsodyConfig,
} from '@conference/launcher';
import { eventually, withDeadline } from '../support/eventually.js';
import { freePorts } from './free-port.js';

export interface ProsodyOptions {
  /** Keeps the data there instead of in a temporary folder that goes with `stop`. */
  readonly dir?: string;
  /** Loads the feed module on the MUC component. */
  readonly hasFeed?: boolean;
  /** Lines of Lua for the MUC component. */
  readonly extraMucConfig?: string;
  /** Localparts of accounts to make; the first two by default `alice` and `bob`. */
  readonly users?: readonly string[];
}

const FEED_MODULE_DIR = fileURLToPath(new URL('../../prosody', import.meta.url));
const DOMAIN = 'localhost';
const HOST = '127.0.0.1';

/** Starts a Prosody and waits until it accepts clients, components and HTTP. */
export async function startProsody(options: ProsodyOptions = {}): Promise<ProsodyServer> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'conference-prosody-'));
  const server = new ProsodyServer(dir, options);
  await server.prepare();
  await server.start();
  return server;
}

/** One Prosody, which may be stopped and started again on the same ports and data. */
export class ProsodyServer {
  readonly host = HOST;
  readonly domain = DOMAIN;
  readonly anonymousDomain = 'anon.localhost';
  readonly mucService = 'conference.localhost';
  readonly trackerDomain = 'tracker.localhost';
  readonly componentSecret = randomBytes(16).toString('hex');
  readonly accounts: readonly Account[];
  ports: ProsodyPorts = { c2s: 0, component: 0, websocket: 0 };
  /** Everything that Prosody said, for the message of a failing test. */
  log = '';
  #process: ChildProcess | undefined;
  readonly #configFile: string;

  constructor(
    private readonly dir: string,
    private readonly options: ProsodyOptions,
  ) {
    this.#configFile = join(dir, 'prosody.cfg.lua');
    this.accounts = (options.users ?? ['alice', 'bob']).map((user) => ({
      jid: `${user}@${DOMAIN}`,
      password: randomBytes(8).toString('hex'),
    }));
  }

  /** The process id while it runs. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Chooses ports, writes the configuration, makes the accounts. */
  async prepare(): Promise<void> {
    const [c2s = 0, component = 0, websocket = 0] = await freePorts(3);
    this.ports = { c2s, component, websocket };
    const dataDir = join(this.dir, 'data');
    writeProsodyConfig(this.#configFile, {
      interfaces: [HOST],
      ports: this.ports,
      dataDir,
      domain: DOMAIN,
      anonymousDomain: this.anonymousDomain,
      mucService: this.mucService,
      trackerDomain: this.trackerDomain,
      componentSecret: this.componentSecret,
      isRoot: process.getuid?.() === 0,
      // Thousands of rounds in JavaScript take longer than the rest of a test.
      passwordIterations: 16,
      ...(this.options.hasFeed === true ? { feedModuleDir: FEED_MODULE_DIR } : {}),
      ...(this.options.extraMucConfig === undefined
        ? {}
        : { extraMucConfig: this.options.extraMucConfig }),
    });
    for (const account of this.accounts) {
      await ensureProsodyAccount(this.#configFile, dataDir, account);
    }
  }

  /** Starts the process and waits until every port accepts. */
  async start(): Promise<void> {
    // pdeathsig: a test process that is killed must leave no server behind.
    const child = spawn(
      'setpriv',
      ['--pdeathsig', 'KILL', '--', 'prosody', '--config', this.#configFile, '-F'],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#process = child;
    const collect = (chunk: Buffer): void => {
      this.log += chunk.toString('utf8');
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    for (const port of Object.values(this.ports) as number[]) {
      await eventually(
        () => {
          if (child.exitCode !== null) {
            throw new Error(`Prosody ended with ${child.exitCode}:\n${this.log}`);
          }
          return accepts(port);
        },
        Boolean,
        { timeoutMs: 20_000, what: `Prosody on port ${port}` },
      );
    }
    if (this.log.includes('Failed to open server port')) {
      await this.kill();
      throw new Error(`Prosody could not open a port:\n${this.log}`);
    }
  }

  /** SIGTERM, the end of the process, and of the temporary folder. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    if (this.options.dir === undefined) {
      rmSync(this.dir, { recursive: true, force: true });
    }
  }

  /** An orderly stop that keeps the data, and a start on the same ports. */
  async restart(): Promise<void> {
    await this.#end('SIGTERM');
    await this.start();
  }

  /** Ends the process at once (SIGKILL); `start` brings it back. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Lets the process hang without closing anything (SIGSTOP). */
  suspend(): void {
    this.#process?.kill('SIGSTOP');
  }

  /** Ends `suspend`. */
  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) {
      return;
    }
    const ended = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    await withDeadline(ended, `the end of Prosody after ${signal}`);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: HOST, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
