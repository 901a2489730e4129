/**
 * The whole as it runs in production: a real XMPP server, a real Redis, tracker and facade as
 * processes, on free ports; the tracker's link goes through a relay that can be cut.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addSiteToFile, type AddedSite } from '@conference/facade';
import type { RoomRow } from '@conference/muc';
import type { Backend, BackendServerOptions } from '../backends/backend.js';
import { freePorts } from '../servers/free-port.js';
import { type RunningRedis, startRedis } from '../servers/redis.js';
import { startTcpProxy, type TcpProxy } from '../servers/tcp-proxy.js';
import { SERVER_DOMAINS, type XmppServer } from '../servers/xmpp-server.js';
import { type AuditRepair, expectRepaired, readRepairs } from './audit-repairs.js';
import { ChatClient } from './chat-client.js';
import { eventually } from './eventually.js';
import { ServiceProcess } from './service-process.js';

/** One answer of `GET /v1/conference.json`. */
export interface ListAnswer {
  readonly status: number;
  readonly rooms: readonly RoomRow[];
  /** Since when the list is stale; undefined while it is live. */
  readonly staleSince: string | undefined;
}

/** How a stack gets its server, and what its tracker is told beside. */
export type StackBackend = Pick<Backend, 'start' | 'trackerEnvironment'>;

export interface StackOptions extends BackendServerOptions {
  /** What trackers and facades are told beside, e.g. where another store is. */
  readonly sharedEnvironment?: Readonly<Record<string, string>>;
  /** What trackers are told beside; it outweighs what the backend says. */
  readonly trackerEnvironment?: Readonly<Record<string, string>>;
  /** How many facades; one by default. */
  readonly facades?: number;
  /** Whether trackers and facades can be asked what they hold. */
  readonly isMeasured?: boolean;
}

/** One facade, and where it answers. */
export interface StackFacade {
  readonly process: ServiceProcess;
  readonly url: string;
}

interface StackParts {
  readonly dir: string;
  readonly server: XmppServer;
  readonly redis: RunningRedis;
  readonly link: TcpProxy;
  readonly tracker: ServiceProcess;
  readonly standbys: readonly ServiceProcess[];
  readonly facades: readonly StackFacade[];
  readonly site: AddedSite;
}

/** How much of the tracker's log a failure to start shows. */
const LOG_CHARACTERS = 6_000;

/** Starts everything and waits until the list is whole and live. */
export async function startStack(
  backend: StackBackend,
  {
    sharedEnvironment,
    trackerEnvironment,
    facades: facadeCount = 1,
    isMeasured = false,
    ...serverOptions
  }: StackOptions = {},
): Promise<Stack> {
  const dir = await mkdtemp(join(tmpdir(), 'conference-stack-'));
  const sitesFile = join(dir, 'sites.json');
  const { mucService } = SERVER_DOMAINS;
  const site = await addSiteToFile(sitesFile, 'all', { by: 'mucService', mucService });
  const [server, redis, facadePorts] = await Promise.all([
    backend.start(serverOptions),
    startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] }),
    freePorts(facadeCount),
  ]);
  const link = await startTcpProxy(server.ports.component);
  const shared = {
    REDIS_URL: redis.url,
    MUC_SERVICES: server.mucService,
    ...sharedEnvironment,
  };
  const createTracker = (domain: string, componentPort: number): ServiceProcess =>
    new ServiceProcess(
      'tracker',
      {
        ...shared,
        XMPP_COMPONENT_PORT: String(componentPort),
        XMPP_COMPONENT_DOMAIN: domain,
        XMPP_COMPONENT_SECRET: server.componentSecret,
        DISCOVERY_INTERVAL_MS: '100',
        AUDIT_INTERVAL_MS: '10',
        ...backend.trackerEnvironment,
        ...trackerEnvironment,
        // The audit tells there what it repaired.
        LOG_LEVEL: 'debug',
      },
      { isMeasured },
    );
  const tracker = createTracker(server.trackerDomain, link.port);
  const standbys = server.standbyTrackers.map(({ domain, componentPort }) =>
    createTracker(domain, componentPort),
  );
  const facades = facadePorts.map((port) => ({
    process: new ServiceProcess(
      'facade',
      { ...shared, FACADE_PORT: String(port), SITES_FILE: sitesFile },
      { isMeasured },
    ),
    url: `http://127.0.0.1:${port}`,
  }));
  const stack = new Stack({ dir, server, redis, link, tracker, standbys, facades, site });
  try {
    tracker.start();
    for (const facade of facades) facade.process.start();
    await stack.waitUntilLive();
  } catch (cause) {
    const said = tracker.log.slice(-LOG_CHARACTERS);
    await stack.stop();
    throw new Error(`the stack did not start; the tracker said at last:\n${said}`, { cause });
  }
  return stack;
}

export class Stack {
  readonly server: XmppServer;
  readonly redis: RunningRedis;
  readonly link: TcpProxy;
  readonly tracker: ServiceProcess;
  /** Trackers that stand by once they are started, which is the test's to do. */
  readonly standbys: readonly ServiceProcess[];
  readonly facades: readonly StackFacade[];
  readonly site: AddedSite;
  readonly #dir: string;
  #clients: ChatClient[] = [];

  constructor(parts: StackParts) {
    this.server = parts.server;
    this.redis = parts.redis;
    this.link = parts.link;
    this.tracker = parts.tracker;
    this.standbys = parts.standbys;
    this.facades = parts.facades;
    this.site = parts.site;
    this.#dir = parts.dir;
  }

  /** The process of the first facade. */
  get facade(): ServiceProcess {
    return this.#firstFacade.process;
  }

  /** Where the first facade answers. */
  get url(): string {
    return this.#firstFacade.url;
  }

  get listUrl(): string {
    return `${this.url}/v1/conference.json`;
  }

  roomJid(roomId: string): string {
    return `${roomId}@${this.server.mucService}`;
  }

  /** A logged-in client: of the account with this number, or anonymous. */
  async connect(account?: number, resource?: string, timeoutMs?: number): Promise<ChatClient> {
    const { host, ports, domain, anonymousDomain, accounts } = this.server;
    const login = account === undefined ? undefined : accounts[account];
    const client = await ChatClient.connect({
      host,
      port: ports.c2s,
      domain: login === undefined ? anonymousDomain : domain,
      ...(login === undefined ? {} : { account: login }),
      ...(resource === undefined ? {} : { resource }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    // Nothing is left to be ended of those that have gone.
    this.#clients = [...this.#clients.filter(({ session }) => session.isOnline), client];
    return client;
  }

  /**
   * GET with the credentials of the site, from the first facade or the one with that address.
   * @param more headers beside those
   */
  fetch(
    path: string,
    url = this.url,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const { siteId, apiKey } = this.site;
    const authorization = `Basic ${Buffer.from(`${siteId}:${apiKey}`).toString('base64')}`;
    return fetch(`${url}${path}`, { headers: { authorization, ...more } });
  }

  async list(): Promise<ListAnswer> {
    const response = await this.fetch('/v1/conference.json');
    const body = (await response.json()) as { data: { rooms?: RoomRow[] } };
    return {
      status: response.status,
      rooms: body.data.rooms ?? [],
      staleSince: response.headers.get('conference-stale-since') ?? undefined,
    };
  }

  /** The row of a room as it is listed now; undefined where it is not listed. */
  async row(roomId: string): Promise<RoomRow | undefined> {
    return (await this.list()).rooms.find((row) => row.roomId === roomId);
  }

  /** Waits until the room is listed and the condition holds. */
  async waitForRow(
    roomId: string,
    isRight: (row: RoomRow) => boolean = () => true,
  ): Promise<RoomRow> {
    const row = await eventually(
      () => this.row(roomId),
      (seen) => seen !== undefined && isRight(seen),
      { what: `the row of ${roomId}` },
    );
    if (row === undefined) throw new Error('unreachable: eventually checked it');
    return row;
  }

  /** Waits until a live list lacks the room. */
  async waitUntilGone(roomId: string): Promise<void> {
    await eventually(
      () => this.list(),
      ({ status, staleSince, rooms }) =>
        status === 200 && staleSince === undefined && rooms.every((row) => row.roomId !== roomId),
      { what: `${roomId} to be gone` },
    );
  }

  /** The sum of a metric over all its series whose labels have this text in them. */
  async readCount(name: string, labels = ''): Promise<number> {
    const text = await (await this.fetch('/metrics')).text();
    const samples = text.split('\n').filter((line) => line.startsWith(`${name}{`));
    if (samples.length === 0) throw new Error(`no metric ${name}`);
    return samples
      .filter((line) => line.includes(labels))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }

  async waitUntilLive(): Promise<void> {
    await eventually(
      () => this.list(),
      ({ status, staleSince }) => status === 200 && staleSince === undefined,
      { timeoutMs: 30_000, what: 'a live list' },
    );
  }

  async waitUntilStale(): Promise<ListAnswer> {
    return eventually(
      () => this.list(),
      ({ status, staleSince }) => status === 200 && staleSince !== undefined,
      { timeoutMs: 30_000, what: 'a stale list' },
    );
  }

  /** What the audits of all trackers have repaired, those of trackers that have died included. */
  get repairs(): readonly AuditRepair[] {
    return this.#trackers.flatMap(({ log }) => readRepairs(log));
  }

  /**
   * Ends everything, clients included.
   * Fails in the end where audits have repaired anything that they should not have had to.
   * @param repaired how many differences they had to, where a test provoked that
   */
  async stop(repaired = 0): Promise<void> {
    for (const client of this.#clients) client.abort();
    const facades = this.facades.map((each) => each.process);
    await Promise.all([...this.#trackers, ...facades].map((each) => each.stop()));
    await this.link.stop();
    await Promise.all([this.server.stop(), this.redis.stop()]);
    await rm(this.#dir, { recursive: true, force: true });
    expectRepaired(this.repairs, repaired);
  }

  get #trackers(): readonly ServiceProcess[] {
    return [this.tracker, ...this.standbys];
  }

  get #firstFacade(): StackFacade {
    const [facade] = this.facades;
    if (facade === undefined) throw new Error('this stack has no facade');
    return facade;
  }
}
