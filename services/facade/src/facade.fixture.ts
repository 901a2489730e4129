/** A facade for tests: over memory stores, on a free port, with a site of its own. */
import {
  ROOM_ROW_KEYS,
  type FieldSources,
  type FollowingKind,
  type RoomRow,
  type ServiceCapabilities,
} from '@conference/muc';
import {
  createMemoryRoomStore,
  type Picture,
  type RoomStore,
  type RoomWriter,
} from '@conference/room-store';
import {
  createMetricsRegistry,
  createSilentLogger,
  delay,
  readSettings,
} from '@conference/service-runtime';
import { mkdtemp, rm } from 'node:fs/promises';
import { request, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RoomList } from './room-list.js';
import { facadeSettings } from './settings.js';
import { addSiteToFile } from './site-registry.js';
import { startFacade, type RunningFacade } from './start-facade.js';

const DEADLINE_MS = 10_000;

export const LIST = '/v1/conference.json';

/** A row that holds to the invariants. */
export function makeRow(roomId: string, change: Partial<RoomRow> = {}): RoomRow {
  return {
    roomId,
    name: roomId,
    admins: 0,
    creationDate: '2012-06-25T17:21:33.747Z',
    description: roomId,
    maxUsers: 0,
    members: 0,
    moderators: 1,
    modificationDate: '2012-06-25T17:21:33.747Z',
    occupants: 1,
    outcasts: 0,
    owners: 1,
    participants: 0,
    subject: '',
    ...change,
  };
}

/** The answer that a list, not too long for making it at once, is now. */
export function textOfList(list: RoomList): string {
  return Buffer.concat(list.ready()?.plain.buffers ?? []).toString('utf8');
}

/** What a tracker may tell of a MUC service. */
export function makeCapabilities(
  following: FollowingKind,
  change: Partial<ServiceCapabilities> = {},
): ServiceCapabilities {
  const fields = Object.fromEntries(ROOM_ROW_KEYS.map((key) => [key, 'server'])) as FieldSources;
  return { following, fields: { ...fields, maxUsers: 'unknown' }, ...change };
}

/** Waits until a condition holds; fails with its name when it does not in time. */
export async function waitUntil(
  what: string,
  isSo: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadlineMs = Date.now() + DEADLINE_MS;
  while (!(await isSo())) {
    if (Date.now() > deadlineMs) {
      throw new Error(`waited too long: ${what}`);
    }
    await delay(5);
  }
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
}

/** The parsed body of a reply. */
export function jsonOf(reply: Reply): unknown {
  return JSON.parse(reply.bytes.toString('utf8'));
}

/** One request on a connection of its own. */
export function ask(
  url: string,
  options: {
    readonly method?: string;
    readonly headers?: Record<string, string>;
    readonly body?: string | Buffer;
  } = {},
): Promise<Reply> {
  const { method = 'GET', headers = {}, body } = options;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent: false }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.once('error', reject);
      incoming.once('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          bytes: Buffer.concat(chunks),
        }),
      );
    });
    outgoing.once('error', reject);
    outgoing.setTimeout(DEADLINE_MS, () => outgoing.destroy(new Error('no reply in time')));
    outgoing.end(body);
  });
}

/** Sends bytes as they are and returns everything that comes back until the connection ends. */
export function talk(url: string, bytes: string | Buffer, isHalfOpen = false): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: isHalfOpen });
    const timer = setTimeout(
      () =>
        socket.destroy(new Error(`no end in time; so far: ${Buffer.concat(chunks).toString()}`)),
      DEADLINE_MS,
    );
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.once('error', reject);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
    if (isHalfOpen) {
      socket.end(bytes);
    } else {
      socket.write(bytes);
    }
  });
}

export interface FacadeFixture {
  readonly facade: RunningFacade;
  readonly url: string;
  readonly sitesFile: string;
  readonly stores: readonly RoomStore[];
  /** Of the first store. */
  readonly writer: RoomWriter;
  readonly writers: readonly RoomWriter[];
  readonly siteId: string;
  readonly apiKey: string;
  readonly authorization: string;
  /** GET of the list with the right credentials. */
  readonly list: (headers?: Record<string, string>) => Promise<Reply>;
  /** The roomIds of the list. */
  readonly roomIds: () => Promise<string[]>;
  readonly stop: () => Promise<void>;
}

export interface FixtureOptions {
  /** Environment variables over the defaults. */
  readonly environment?: Record<string, string>;
  readonly mucServices?: readonly string[];
  readonly rows?: readonly RoomRow[];
  readonly picture?: Picture;
  /** Whether the writers have reported at the start; true unless said otherwise. */
  readonly hasReported?: boolean;
  readonly siteId?: string;
}

export function basic(siteId: string, apiKey: string): string {
  return `Basic ${Buffer.from(`${siteId}:${apiKey}`).toString('base64')}`;
}

export async function startFixture(options: FixtureOptions = {}): Promise<FacadeFixture> {
  const { mucServices = ['conference.test'], rows = [], picture = { state: 'live' } } = options;
  const directory = await mkdtemp(join(tmpdir(), 'conference-facade-'));
  const sitesFile = join(directory, 'sites.json');
  const added = await addSiteToFile(sitesFile, options.siteId ?? 'sitea', { by: 'suffix' });
  const stores = mucServices.map((mucService) => createMemoryRoomStore(mucService));
  const writers = await Promise.all(stores.map((store) => store.openWriter()));
  for (const [index, writer] of writers.entries()) {
    await writer.reset();
    await writer.commit({
      changes: (index === 0 ? rows : []).map((row) => ({ kind: 'put', row })),
      picture,
    });
    if (options.hasReported !== false) {
      await writer.report({ dependencies: [], metrics: '' });
    }
  }
  const [writer] = writers;
  if (!writer) {
    throw new Error('a fixture needs a MUC service');
  }
  const facade = await startFacade({
    settings: readSettings(facadeSettings, {
      FACADE_PORT: '0',
      SITES_FILE: sitesFile,
      FACADE_SITES_POLL_MS: '10',
      FACADE_REPORT_INTERVAL_MS: '10',
      FACADE_REPORT_MAX_AGE_MS: '60000',
      ...options.environment,
    }),
    stores,
    logger: createSilentLogger(),
    registry: createMetricsRegistry(),
  });
  const authorization = basic(added.siteId, added.apiKey);
  const list = (headers: Record<string, string> = {}): Promise<Reply> =>
    ask(facade.url + LIST, { headers: { authorization, ...headers } });
  const isWhole = async (): Promise<boolean> => (await list()).status === 200;
  if (picture.state !== 'loading') {
    await waitUntil('the first picture', isWhole);
  }
  return {
    facade,
    url: facade.url,
    sitesFile,
    stores,
    writer,
    writers,
    siteId: added.siteId,
    apiKey: added.apiKey,
    authorization,
    list,
    roomIds: async () => {
      const answer = jsonOf(await list()) as { data: { rooms: { roomId: string }[] } };
      return answer.data.rooms.map(({ roomId }) => roomId);
    },
    stop: async () => {
      await facade.stop();
      await Promise.all(stores.map((store) => store.close()));
      await rm(directory, { recursive: true, force: true });
    },
  };
}
