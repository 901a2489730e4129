/**
 * A real ejabberd for tests: own data, free ports, no Erlang network, the configuration that
 * `npm run up` uses.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Account,
  areEjabberdAccountsMade,
  ejabberdCommand,
  type EjabberdFiles,
  type ProsodyPorts,
  writeEjabberdFiles,
} from '@conference/launcher';
import { ForeignProcess } from './foreign-process.js';
import { freePorts } from './free-port.js';
import {
  type AdministeredOccupant,
  SERVER_DOMAINS,
  type StandbyTracker,
  standbyDomains,
  type XmppServer,
  type XmppServerOptions,
} from './xmpp-server.js';

const HOST = '127.0.0.1';

/** What tests ask of its administration. */
const COMMANDS = [
  'change_room_option',
  'create_room',
  'create_room_with_opts',
  'destroy_room',
  'get_room_occupants',
  'set_room_affiliation',
] as const;

/** Starts an ejabberd and waits until it accepts clients, components and HTTP. */
export async function startEjabberd(options: XmppServerOptions = {}): Promise<EjabberdServer> {
  const domains = standbyDomains(options);
  const [c2s = 0, component = 0, websocket = 0, ...more] = await freePorts(3 + domains.length);
  const standbyTrackers = domains.map((domain, index) => ({
    domain,
    componentPort: more[index] ?? 0,
  }));
  const ports = { c2s, component, websocket };
  const server = new EjabberdServer(ports, standbyTrackers, options);
  await server.start();
  return server;
}

export class EjabberdServer implements XmppServer {
  readonly host = HOST;
  readonly domain: string = SERVER_DOMAINS.domain;
  readonly anonymousDomain: string = SERVER_DOMAINS.anonymousDomain;
  readonly mucService: string = SERVER_DOMAINS.mucService;
  readonly trackerDomain: string = SERVER_DOMAINS.trackerDomain;
  readonly componentSecret = randomBytes(16).toString('hex');
  readonly accounts: readonly Account[];
  readonly #dir = mkdtempSync(join(tmpdir(), 'conference-ejabberd-'));
  readonly #files: EjabberdFiles = {
    configFile: join(this.#dir, 'ejabberd.yml'),
    accountsFile: join(this.#dir, 'accounts'),
    dataDir: join(this.#dir, 'data'),
  };
  readonly #process: ForeignProcess;

  constructor(
    readonly ports: ProsodyPorts,
    readonly standbyTrackers: readonly StandbyTracker[],
    { users = ['alice', 'bob'], mucAdmins = [] }: XmppServerOptions,
  ) {
    this.accounts = users.map((user) => ({
      jid: `${user}@${this.domain}`,
      password: randomBytes(8).toString('hex'),
    }));
    writeEjabberdFiles(
      this.#files,
      {
        interface: HOST,
        ports,
        ...SERVER_DOMAINS,
        standbyTrackers,
        componentSecret: this.componentSecret,
        mucAdmins: mucAdmins.map((user) => `${user}@${this.domain}`),
        openCommands: COMMANDS,
      },
      this.accounts,
    );
    this.#process = new ForeignProcess('ejabberd', ejabberdCommand(this.#files));
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get log(): string {
    return this.#process.log;
  }

  start(): Promise<void> {
    const { c2s, component, websocket } = this.ports;
    const standbyPorts = this.standbyTrackers.map(({ componentPort }) => componentPort);
    return this.#process.start(this.host, [c2s, component, websocket, ...standbyPorts], () =>
      areEjabberdAccountsMade(this.#files),
    );
  }

  async stop(): Promise<void> {
    // What it holds is thrown away: an orderly end would take it more than a second.
    await this.#process.end('SIGKILL');
    rmSync(this.#dir, { recursive: true, force: true });
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

  /** COMPAT(ejabberd 23.01): role lists are `forbidden` to an owner who is not in the room. */
  async readOccupants(roomJid: string): Promise<readonly AdministeredOccupant[]> {
    const [name, service] = roomJid.split('@');
    const occupants = await this.administer('get_room_occupants', { name, service });
    return occupants as AdministeredOccupant[];
  }

  /** Calls a command of its administration over HTTP, and returns its answer. */
  async administer(command: (typeof COMMANDS)[number], args: object): Promise<unknown> {
    const response = await fetch(`http://${this.host}:${this.ports.websocket}/api/${command}`, {
      method: 'POST',
      body: JSON.stringify(args),
    });
    if (!response.ok) throw new Error(`${response.status} of ${command}: ${await response.text()}`);
    return response.json();
  }
}
