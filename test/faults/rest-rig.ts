/**
 * The facade's own process under attack: rooms of two sites that are simply there, somebody who
 * asks for the list of one of them all the while, each time on a new connection, and what the
 * process takes of memory.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { addSiteToFile } from '@conference/facade';
import type { RoomRow } from '@conference/muc';
import { createRedisRoomStore, type RoomStore, type RoomWriter } from '@conference/room-store';
import { ask, basic, jsonOf, LIST, makeRow } from '../../services/facade/src/facade.fixture.js';
import { freePorts } from '../servers/free-port.js';
import { type RunningRedis, startRedis } from '../servers/redis.js';
import { eventually } from '../support/eventually.js';
import { ServiceProcess } from '../support/service-process.js';
import { reportMeasured } from './fault-report.js';
import { takeTurn } from './turn.js';

const MUC_SERVICE = 'conference.localhost';
/** As the facade is set here: short, so that what waits for them is soon over. */
export const HEADERS_TIMEOUT_MS = 2_000;
export const REQUEST_TIMEOUT_MS = 3_000;
export const ANSWER_TIMEOUT_MS = 4_000;
/** The setting's default. */
export const MAX_CONNECTIONS = 4_096;

const QUIET_ROWS: readonly RoomRow[] = ['tea', 'coffee'].map((name) => makeRow(`${name}|quiet`));
/** Between an answer and the next question, in ms. */
const PACE_MS = 20;
/** The longest that somebody who does nothing wrong may wait for the list, in ms, beside the tests. */
const SERVED_LIMIT_MS = 5_000;
const MEBIBYTE = 1024 * 1024;
/**
 * What all connections together may hold, in MiB: 4,096 of them with a head of 16 KiB each, which
 * is the largest that is taken, and as much again for what the collector has not found yet.
 */
const GROWTH_LIMIT_MEBIBYTES = 128;

export class RestRig {
  /** Of the site with the large list. */
  readonly authorization: string;
  readonly port: number;
  #quietAuthorization = '';
  #slowestMs = 0;
  #served = 0;
  #problem: Error | undefined;
  #peakBytes = 0;
  #isOver = false;
  #watching: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly dir: string,
    private readonly redis: RunningRedis,
    private readonly store: RoomStore,
    private readonly writer: RoomWriter,
    readonly facade: ServiceProcess,
    readonly url: string,
    apiKeys: { readonly large: string; readonly quiet: string },
  ) {
    this.authorization = basic('large', apiKeys.large);
    this.#quietAuthorization = basic('quiet', apiKeys.quiet);
    this.port = Number(new URL(url).port);
  }

  /** @param rooms how many rooms the large list has; each is some 330 bytes of it */
  static async start(rooms: number): Promise<RestRig> {
    const dir = await mkdtemp(join(tmpdir(), 'conference-rest-'));
    const sitesFile = join(dir, 'sites.json');
    const large = await addSiteToFile(sitesFile, 'large', { by: 'suffix' });
    const quiet = await addSiteToFile(sitesFile, 'quiet', { by: 'suffix' });
    const redis = await startRedis();
    const store = createRedisRoomStore({
      redisUrl: redis.url,
      keyPrefix: 'conference',
      mucService: MUC_SERVICE,
    });
    const writer = await store.openWriter();
    await writer.reset();
    const rows = Array.from({ length: rooms }, (_, room) => makeRow(`room-${room}|large`));
    await writer.commit({
      changes: [...rows, ...QUIET_ROWS].map((row) => ({ kind: 'put', row })),
      picture: { state: 'live' },
    });
    await writer.report({ dependencies: [], metrics: '' });
    const [port = 0] = await freePorts(1);
    const facade = new ServiceProcess('facade', {
      REDIS_URL: redis.url,
      MUC_SERVICES: MUC_SERVICE,
      SITES_FILE: sitesFile,
      FACADE_PORT: String(port),
      FACADE_HEADERS_TIMEOUT_MS: String(HEADERS_TIMEOUT_MS),
      FACADE_REQUEST_TIMEOUT_MS: String(REQUEST_TIMEOUT_MS),
      FACADE_IDLE_TIMEOUT_MS: '3000',
      FACADE_ANSWER_TIMEOUT_MS: String(ANSWER_TIMEOUT_MS),
      // Nobody follows these rooms, and nobody needs to.
      FACADE_REPORT_MAX_AGE_MS: '600000',
    });
    const url = `http://127.0.0.1:${port}`;
    const rig = new RestRig(dir, redis, store, writer, facade, url, {
      large: large.apiKey,
      quiet: quiet.apiKey,
    });
    facade.start();
    await eventually(
      () => rig.#askQuietly(),
      (isRight) => isRight,
      { what: 'the first list' },
    );
    for (const encoding of ['gzip', 'identity']) await rig.readLargeList(encoding);
    rig.#watching = Promise.all([rig.#watchMemory(), rig.#watchList()]);
    return rig;
  }

  /** A head of a request with the credentials of the large site. */
  head(method: string, path = LIST, ...fields: readonly string[]): string {
    const all = [`Host: x`, `Authorization: ${this.authorization}`, ...fields];
    return `${method} ${path} HTTP/1.1\r\n${all.map((field) => `${field}\r\n`).join('')}\r\n`;
  }

  /** One of the rooms of the large list changes, and the list with it. */
  async changeLargeList(room: number, subject: string): Promise<void> {
    const row = makeRow(`room-${room}|large`, { subject });
    await this.writer.commit({ changes: [{ kind: 'put', row }] });
  }

  async readLargeList(encoding = 'identity'): Promise<number> {
    const { authorization } = this;
    const headers = { authorization, 'accept-encoding': encoding };
    return (await ask(this.url + LIST, { headers })).status;
  }

  /** How many connections the facade has, that of the question included. */
  async countConnections(): Promise<number> {
    const text = (await ask(`${this.url}/metrics`)).bytes.toString();
    return Number(/^conference_facade_connections (\d+)$/m.exec(text)?.[1]);
  }

  /**
   * Lets somebody attack. Meanwhile everybody else is served at once and rightly, and the process
   * takes no more memory than the limit beyond what it had.
   */
  async withstand(attack: () => Promise<void>): Promise<void> {
    const pid = this.facade.pid;
    const beforeBytes = await this.#residentBytes();
    [this.#peakBytes, this.#slowestMs, this.#served] = [beforeBytes, 0, 0];
    this.#problem = undefined;
    const endTurn = await takeTurn();
    try {
      await attack();
    } finally {
      endTurn();
    }
    await eventually(() => this.#served > 0, Boolean, { what: 'somebody else to be served' });
    expect(this.#problem).toBeUndefined();
    const grownMebibytes = Math.round((this.#peakBytes - beforeBytes) / MEBIBYTE);
    reportMeasured({
      kind: 'attack',
      attack: expect.getState().currentTestName ?? '',
      grownMebibytes,
      slowestMs: Math.round(this.#slowestMs),
    });
    expect(this.#slowestMs).toBeLessThan(SERVED_LIMIT_MS);
    expect(grownMebibytes).toBeLessThan(GROWTH_LIMIT_MEBIBYTES);
    expect(this.facade.pid).toBe(pid);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#watching;
    await this.facade.stop();
    await this.store.close();
    await this.redis.stop();
    await rm(this.dir, { recursive: true, force: true });
  }

  async #watchList(): Promise<void> {
    while (!this.#isOver) {
      const askedAtMs = performance.now();
      try {
        await this.#askQuietly();
        this.#served += 1;
      } catch (error) {
        this.#problem ??= new Error('somebody else was not served', { cause: error });
      }
      this.#slowestMs = Math.max(this.#slowestMs, performance.now() - askedAtMs);
      await wait(PACE_MS);
    }
  }

  /** Asks for the list of the other site, whose rooms it must have and no others. */
  async #askQuietly(): Promise<boolean> {
    const headers = { authorization: this.#quietAuthorization };
    const reply = await ask(this.url + LIST, { headers });
    expect(reply.status).toBe(200);
    const { data } = jsonOf(reply) as { data: { rooms: RoomRow[] } };
    expect(new Set(data.rooms.map(({ roomId }) => roomId))).toEqual(
      new Set(QUIET_ROWS.map(({ roomId }) => roomId)),
    );
    return true;
  }

  async #watchMemory(): Promise<void> {
    while (!this.#isOver) {
      this.#peakBytes = Math.max(this.#peakBytes, await this.#residentBytes());
      await wait(PACE_MS);
    }
  }

  /** What the facade's process has in memory (proc(5), VmRSS). */
  async #residentBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.facade.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }
}
