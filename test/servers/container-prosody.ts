/**
 * Prosody in a container, of the image that docker-compose.yml uses and with the image's own copy of
 * the feed module: own data, ports published on free ports of loopback. Signals go to the server
 * in the container, and a start after an end is a start of the same container.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Account, buildProsodyConfig, type ProsodyPorts } from '@conference/launcher';
import { ForeignProcess } from './foreign-process.js';
import { freePorts } from './free-port.js';
import { containerOptions, podman, podmanSync } from './podman.js';
import { chooseAccounts, commonConfig, type ProsodyOptions, prosodyStandbys } from './prosody.js';
import { SERVER_DOMAINS, type StandbyTracker, type XmppServer } from './xmpp-server.js';

const IMAGE = 'localhost/conference-prosody';
/** The user of the image. */
const USER_ID = 10001;
/** Ports and folders in the container, as the image has them. */
const INSIDE = {
  ports: { c2s: 5222, component: 5347, websocket: 5280 },
  feedModuleDir: '/usr/local/lib/conference/prosody',
  dataDir: '/data',
  secretDir: '/secrets/component',
  configDir: '/etc/conference-test',
} as const;
const PROSODY_CONFIG = `${INSIDE.configDir}/prosody.cfg.lua`;
/** Reads lines of localpart, domain and password. */
const MAKE_ACCOUNTS = `while read -r user host password; do
  printf '%s\\n%s\\n' "$password" "$password" |
    prosodyctl --config ${PROSODY_CONFIG} register "$user" "$host" || exit 1
done`;

/** Starts a container and waits until its Prosody accepts clients, components and HTTP. */
export async function startContainerProsody(options: ProsodyOptions): Promise<ContainerProsody> {
  const [c2s = 0, component = 0, websocket = 0] = await freePorts(3);
  const server = new ContainerProsody({ c2s, component, websocket }, options);
  await server.prepare();
  await server.start();
  return server;
}

export class ContainerProsody implements XmppServer {
  readonly host = '127.0.0.1';
  readonly domain: string = SERVER_DOMAINS.domain;
  readonly anonymousDomain: string = SERVER_DOMAINS.anonymousDomain;
  readonly mucService: string = SERVER_DOMAINS.mucService;
  readonly trackerDomain: string = SERVER_DOMAINS.trackerDomain;
  readonly componentSecret = randomBytes(16).toString('hex');
  readonly accounts: readonly Account[];
  readonly #dir = mkdtempSync(join(tmpdir(), 'conference-container-'));
  readonly #name = `conference-test-${randomUUID()}`;
  readonly #process: ForeignProcess;

  constructor(
    readonly ports: ProsodyPorts,
    private readonly options: ProsodyOptions,
  ) {
    this.accounts = chooseAccounts(options);
    this.#process = new ForeignProcess(
      'Prosody in a container',
      {
        command: 'podman',
        args: ['start', '--attach', '--sig-proxy=false', this.#name],
        environment: {},
      },
      (_podman, signal) => podmanSync(['kill', '--signal', signal, this.#name]),
    );
  }

  get standbyTrackers(): StandbyTracker[] {
    return prosodyStandbys(this.options, this.ports);
  }

  /** Of the server, as the machine around the container numbers it. */
  get pid(): number | undefined {
    const pid = Number(podmanSync(['inspect', '--format', '{{.State.Pid}}', this.#name]));
    return pid === 0 ? undefined : pid;
  }

  get log(): string {
    return this.#process.log;
  }

  /** Writes configuration and secret, makes the accounts and the container. */
  async prepare(): Promise<void> {
    const config = buildProsodyConfig({
      interfaces: ['*'],
      ports: INSIDE.ports,
      dataDir: INSIDE.dataDir,
      componentSecret: { environmentVariable: 'XMPP_COMPONENT_SECRET' },
      isRoot: false,
      ...commonConfig(this.options, INSIDE.feedModuleDir),
    });
    const options = [
      ...containerOptions(),
      this.#mount(INSIDE.configDir, { 'prosody.cfg.lua': config }, 'ro'),
      this.#mount(INSIDE.secretDir, { secret: this.componentSecret }, 'ro'),
      this.#mount(INSIDE.dataDir, {}, 'rw'),
    ];
    const accounts = this.accounts.map(
      ({ jid, password }) => `${jid.replace('@', ' ')} ${password}\n`,
    );
    const throwaway = ['run', '--rm', '--interactive', '--network=none', ...options, IMAGE];
    await podman([...throwaway, 'sh', '-c', MAKE_ACCOUNTS], accounts.join(''));
    const publish = (Object.keys(INSIDE.ports) as (keyof ProsodyPorts)[]).map(
      (name) => `--publish=${this.host}:${this.ports[name]}:${INSIDE.ports[name]}`,
    );
    const created = ['create', `--name=${this.#name}`, ...publish, ...options, IMAGE];
    await podman([...created, 'prosody', '--config', PROSODY_CONFIG, '-F']);
  }

  start(): Promise<void> {
    const { c2s, component, websocket } = this.ports;
    return this.#process.start(this.host, [c2s, component, websocket]);
  }

  async stop(): Promise<void> {
    await this.#process.end('SIGTERM');
    await podman(['rm', '--force', '--volumes', this.#name]);
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

  /** A folder with these files that belongs to the image's user, as an option of podman. */
  #mount(inside: string, files: Readonly<Record<string, string>>, mode: 'ro' | 'rw'): string {
    const folder = join(this.#dir, inside.replaceAll('/', '-'));
    mkdirSync(folder, { mode: 0o700 });
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
      chownSync(join(folder, name), USER_ID, USER_ID);
    }
    chownSync(folder, USER_ID, USER_ID);
    return `--volume=${folder}:${inside}:${mode}`;
  }
}
