/**
 * A real Prosody with the feed module, and a tracker over memory stores in this process, whose link
 * can be cut and which can be started anew with nothing remembered.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { luaString } from '@conference/launcher';
import type { RoomRow } from '@conference/muc';
import { createMemoryRoomStore } from '@conference/room-store';
import type { RoomStore } from '@conference/room-store';
import { createMetricsRegistry, readSettings } from '@conference/service-runtime';
import type { Logger } from '@conference/service-runtime';
import { startTracker, trackerSettings } from '@conference/tracker';
import type { RunningTracker } from '@conference/tracker';
import { type ProsodyServer, startProsody } from '../servers/prosody.js';
import { startTcpProxy, type TcpProxy } from '../servers/tcp-proxy.js';
import { ChatClient } from './chat-client.js';
import { xml } from './client-session.js';
import { eventually } from './eventually.js';

export interface FeedRigOptions {
  /** Lines of Lua for the MUC component. */
  readonly extraMucConfig?: string;
  /** All of them, the first of which is the one that every Prosody of the tests has. */
  readonly mucServices?: readonly string[];
  /** Without one: it is started by the test. */
  readonly hasTracker?: boolean;
}

/** `alice` and `bob` are people; `judge` owns every room and takes no part. */
export async function startFeedRig(options: FeedRigOptions = {}): Promise<FeedRig> {
  const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
  const pluginPaths = [folder('../../prosody'), folder('../servers/prosody-modules')];
  const dir = await mkdtemp(join(tmpdir(), 'conference-feed-'));
  const prosody = await startProsody({
    dir,
    hasFeed: true,
    users: ['alice', 'bob', 'judge'],
    mucAdmins: ['judge'],
    extraMucConfig: `modules_enabled = { "conference_feed"; "room_workshop" }
room_workshop_for = "localhost"
${options.extraMucConfig ?? ''}
VirtualHost "*"
plugin_paths = { ${pluginPaths.map(luaString).join('; ')} }`,
  });
  const link = await startTcpProxy(prosody.ports.component);
  const rig = new FeedRig(dir, prosody, link, options.mucServices ?? [prosody.mucService]);
  if (options.hasTracker !== false) {
    rig.startTracker();
    await rig.waitUntilLive();
  }
  return rig;
}

export class FeedRig {
  /** One for each MUC service, by its domain. */
  stores = new Map<string, RoomStore>();
  /** What the tracker logged, by message; with what was given beside it. */
  readonly logged: { readonly message: string; readonly fields: object }[] = [];
  readonly #clients: ChatClient[] = [];
  #tracker: Promise<RunningTracker> | undefined;

  constructor(
    /** Where Prosody keeps its configuration, and in `data` its data. */
    readonly dir: string,
    readonly prosody: ProsodyServer,
    readonly link: TcpProxy,
    readonly mucServices: readonly string[],
  ) {
    this.forget();
  }

  roomJid(roomId: string): string {
    return `${roomId}@${this.prosody.mucService}`;
  }

  async connect(user: 'alice' | 'bob' | 'judge'): Promise<ChatClient> {
    const { host, ports, domain, accounts } = this.prosody;
    const account = accounts.find(({ jid }) => jid.startsWith(`${user}@`));
    if (account === undefined) throw new Error(`no account of ${user}`);
    const client = await ChatClient.connect({ host, port: ports.c2s, domain, account });
    this.#clients.push(client);
    return client;
  }

  /** Has the server do something of mod_room_workshop. */
  async workshop(client: ChatClient, name: string, what: Record<string, string>): Promise<void> {
    const child = xml(name, { xmlns: 'urn:example:room-workshop', ...what });
    await client.session.request('set', this.prosody.mucService, child);
  }

  /** Starts a tracker, with the stores as they are. */
  startTracker(feed: 'auto' | 'feed' | 'join' = 'auto'): void {
    const { prosody, link } = this;
    this.#tracker = startTracker({
      settings: readSettings(trackerSettings, {
        XMPP_COMPONENT_PORT: String(link.port),
        XMPP_COMPONENT_DOMAIN: prosody.trackerDomain,
        XMPP_COMPONENT_SECRET: prosody.componentSecret,
        MUC_SERVICES: this.mucServices.join(','),
        TRACKER_FEED: feed,
        TRACKER_REQUEST_TIMEOUT_MS: '2000',
        // Nothing of what the feed tells may depend on looking.
        DISCOVERY_INTERVAL_MS: feed === 'join' ? '100' : '60000',
        AUDIT_INTERVAL_MS: '0',
      }),
      stores: [...this.stores.values()],
      logger: this.#createLogger(),
      registry: createMetricsRegistry(),
    });
  }

  async stopTracker(): Promise<void> {
    await (await this.#tracker)?.stop();
    this.#tracker = undefined;
  }

  /** The next tracker begins with empty stores. */
  forget(): void {
    this.stores = new Map(this.mucServices.map((name) => [name, createMemoryRoomStore(name)]));
  }

  /** All rows by roomId; undefined while the picture is not live. */
  async liveRows(
    mucService = this.prosody.mucService,
  ): Promise<ReadonlyMap<string, RoomRow> | undefined> {
    const snapshot = await this.stores.get(mucService)?.readSnapshot();
    if (snapshot?.picture.state !== 'live') return undefined;
    return new Map(snapshot.rows.map((row) => [row.roomId, row]));
  }

  /** Waits until there is a live picture in which the condition holds. */
  async waitForRows(
    isRight: (rows: ReadonlyMap<string, RoomRow>) => boolean,
    what: string,
    timeoutMs = 10_000,
  ): Promise<ReadonlyMap<string, RoomRow>> {
    const seen = await eventually(
      () => this.liveRows(),
      (rows) => rows !== undefined && isRight(rows),
      { what, timeoutMs, intervalMs: 5 },
    );
    if (seen === undefined) throw new Error('unreachable: eventually checked it');
    return seen;
  }

  /** Waits until the room is listed and the condition holds. */
  async waitForRow(
    roomId: string,
    isRight: (row: RoomRow) => boolean = () => true,
  ): Promise<RoomRow> {
    const isThere = (rows: ReadonlyMap<string, RoomRow>): boolean => {
      const row = rows.get(roomId);
      return row !== undefined && isRight(row);
    };
    return (await this.waitForRows(isThere, `the row of ${roomId}`)).get(roomId) as RoomRow;
  }

  async waitUntilGone(roomId: string): Promise<void> {
    await this.waitForRows((rows) => !rows.has(roomId), `${roomId} to be gone`);
  }

  async waitUntilLive(): Promise<void> {
    for (const mucService of this.mucServices) {
      await eventually(() => this.liveRows(mucService), Boolean, {
        what: `a live picture of ${mucService}`,
        timeoutMs: 30_000,
      });
    }
  }

  /** How often the tracker has logged this. */
  countLogged(message: string): number {
    return this.logged.filter((line) => line.message === message).length;
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.abort();
    await this.stopTracker();
    await this.link.stop();
    await this.prosody.stop();
    await rm(this.dir, { recursive: true, force: true });
  }

  #createLogger(): Logger {
    const record = (fields: object, message: string): void => {
      this.logged.push({ message, fields });
    };
    const logger: Logger = {
      debug: record,
      info: record,
      warn: record,
      error: record,
      child: () => logger,
    };
    return logger;
  }
}
