/** A real Prosody for tests: own data, free ports, the configuration that `npm run up` uses. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Account,
  ensureProsodyAccount,
  luaString,
  type ProsodyConfigOptions,
  type ProsodyPorts,
  writeProsodyConfig,
} from '@conference/launcher';
import { ForeignProcess } from './foreign-process.js';
import { freePorts } from './free-port.js';
import {
  SERVER_DOMAINS,
  type StandbyTracker,
  standbyDomains,
  type XmppServer,
  type XmppServerOptions,
} from './xmpp-server.js';

export interface ProsodyOptions extends XmppServerOptions {
  /** Keeps the data there instead of in a temporary folder that goes with `stop`. */
  readonly dir?: string;
  /** Loads the feed module on the MUC component. */
  readonly hasFeed?: boolean;
  /** Lines of Lua for the MUC component. */
  readonly extraMucConfig?: string;
}

const FEED_MODULE_DIR = fileURLToPath(new URL('../../prosody', import.meta.url));
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
export class ProsodyServer implements XmppServer {
  readonly host = HOST;
  readonly domain: string = SERVER_DOMAINS.domain;
  readonly anonymousDomain: string = SERVER_DOMAINS.anonymousDomain;
  readonly mucService: string = SERVER_DOMAINS.mucService;
  readonly trackerDomain: string = SERVER_DOMAINS.trackerDomain;
  readonly componentSecret = randomBytes(16).toString('hex');
  readonly accounts: readonly Account[];
  ports: ProsodyPorts = { c2s: 0, component: 0, websocket: 0 };
  readonly #process: ForeignProcess;
  readonly #configFile: string;

  constructor(
    private readonly dir: string,
    private readonly options: ProsodyOptions,
  ) {
    this.#configFile = join(dir, 'prosody.cfg.lua');
    this.#process = new ForeignProcess('Prosody', {
      command: 'prosody',
      args: ['--config', this.#configFile, '-F'],
      environment: {},
    });
    this.accounts = chooseAccounts(options);
  }

  get standbyTrackers(): StandbyTracker[] {
    return prosodyStandbys(this.options, this.ports);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get log(): string {
    return this.#process.log;
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
      componentSecret: this.componentSecret,
      isRoot: process.getuid?.() === 0,
      ...commonConfig(this.options, FEED_MODULE_DIR),
    });
    for (const account of this.accounts) {
      await ensureProsodyAccount(this.#configFile, account);
    }
  }

  async start(): Promise<void> {
    await this.#process.start(this.host, Object.values(this.ports) as number[]);
    if (this.log.includes('Failed to open server port')) {
      await this.kill();
      throw new Error(`Prosody could not open a port:\n${this.log}`);
    }
  }

  async stop(): Promise<void> {
    if (this.options.dir !== undefined) return this.shutDown();
    // What it holds is thrown away, whatever its clients have left it to wait for.
    await this.kill();
    rmSync(this.dir, { recursive: true, force: true });
  }

  shutDown(): Promise<void> {
    return this.#process.end('SIGTERM');
  }

  async restart(): Promise<void> {
    await this.shutDown();
    await this.start();
  }

  kill(): Promise<void> {
    return this.#process.end('SIGKILL');
  }

  suspend(): void {
    this.#process.suspend();
  }

  resume(): void {
    this.#process.resume();
  }
}

/** The accounts that are to be made, with passwords of their own. */
export function chooseAccounts({ users = ['alice', 'bob'] }: ProsodyOptions): Account[] {
  return users.map((user) => ({
    jid: `${user}@${SERVER_DOMAINS.domain}`,
    password: randomBytes(8).toString('hex'),
  }));
}

/** Prosody lets all components connect to one port. */
export function prosodyStandbys(options: ProsodyOptions, ports: ProsodyPorts): StandbyTracker[] {
  return standbyDomains(options).map((domain) => ({ domain, componentPort: ports.component }));
}

/** What the configuration of every Prosody of the tests has, wherever it runs. */
export function commonConfig(
  options: ProsodyOptions,
  feedModuleDir: string,
): Omit<ProsodyConfigOptions, 'interfaces' | 'ports' | 'dataDir' | 'componentSecret' | 'isRoot'> {
  const { hasFeed, extraMucConfig = '', mucAdmins = [] } = options;
  const { domain, trackerDomain } = SERVER_DOMAINS;
  const standbyTrackerDomains = standbyDomains(options);
  const admins = [
    trackerDomain,
    ...standbyTrackerDomains,
    ...mucAdmins.map((user) => `${user}@${domain}`),
  ];
  return {
    ...SERVER_DOMAINS,
    standbyTrackerDomains,
    // Thousands of rounds in JavaScript take longer than the rest of a test. COMPAT(prosody 13): it
    // warns of so few, and takes 4096.
    passwordIterations: 16,
    ...(hasFeed === true ? { feedModuleDir } : {}),
    extraMucConfig:
      mucAdmins.length === 0
        ? extraMucConfig
        : // The later one of two assignments holds.
          `admins = { ${admins.map(luaString).join('; ')} }\n${extraMucConfig}`,
  };
}
