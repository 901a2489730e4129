/**
 * The model test: several people do random things in several rooms at once, and when they rest,
 * the list says what the server says. Set MODEL_SEED to repeat one run, MODEL_RUNS for more.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createMemoryRoomStore } from '@conference/room-store';
import type { RoomStore } from '@conference/room-store';
import {
  createMetricsRegistry,
  createSilentLogger,
  readSettings,
} from '@conference/service-runtime';
import { startTracker, trackerSettings } from '@conference/tracker';
import type { RunningTracker } from '@conference/tracker';
import * as fc from 'fast-check';
import { onEachBackend } from '../backends/all-backends.js';
import type { XmppServer } from '../servers/xmpp-server.js';
import { ChatClient } from '../support/chat-client.js';
import { eventually } from '../support/eventually.js';
import { readCount } from '../support/metric.js';
import { comparable, readRoomTruth } from '../support/room-truth.js';
import { expectInvariants } from '../support/row-invariants.js';
import { operations, stanzaOf } from './room-operations.js';

const FIRST_SEED = Number(process.env['MODEL_SEED'] ?? 1);
const RUNS = Number(process.env['MODEL_RUNS'] ?? (process.env['MODEL_SEED'] ? 1 : 20));
const USERS = ['root', 'anna', 'bert', 'carl'];
/** An admin of the service, and so an owner of every room, who takes no part. */
const JUDGE = 'judge';
const ROOMS = 3;

onEachBackend((backend) => {
  let server: XmppServer;
  let store: RoomStore;
  let tracker: RunningTracker;
  const registry = createMetricsRegistry();

  beforeAll(async () => {
    server = await backend.start({
      users: [...USERS, JUDGE],
      mucAdmins: [JUDGE],
      hasNoTombstones: true,
    });
    store = createMemoryRoomStore(server.mucService);
    tracker = await startTracker({
      settings: readSettings(trackerSettings, {
        XMPP_COMPONENT_PORT: String(server.ports.component),
        XMPP_COMPONENT_SECRET: server.componentSecret,
        DISCOVERY_INTERVAL_MS: '100',
        // Amid everything that happens the audit must find nothing.
        AUDIT_INTERVAL_MS: '1',
        ...backend.trackerEnvironment,
      }),
      stores: [store],
      logger: createSilentLogger(),
      registry,
    });
  }, 60_000);

  afterAll(async () => {
    await tracker.stop();
    await server.stop();
  }, 30_000);

  describe('after random operations the list is what the server says', () => {
    const seeds = Array.from({ length: RUNS }, (_, index) => FIRST_SEED + index);

    test.each(seeds)('seed %i', runSeed, 60_000);

    test('the audit has looked all the time, and found nothing to be wrong', async () => {
      const countAudited = () => readCount(registry, 'conference_tracker_audited_rooms_total');
      const before = await countAudited();
      const { rows } = await store.readSnapshot();
      // Twice through all: whatever it suspected before is settled by then.
      await eventually(countAudited, (count) => count >= before + 2 * rows.length, {
        what: 'every room to be looked at',
        timeoutMs: 30_000,
      });
      expect(before).toBeGreaterThan(0);
      expect(await readCount(registry, 'conference_tracker_audit_drift_total')).toBe(0);
    }, 40_000);
  });

  async function runSeed(seed: number): Promise<void> {
    const connect = (index: number, resource?: string): Promise<ChatClient> => {
      const account = server.accounts[index];
      if (account === undefined) throw new Error('no such account');
      return ChatClient.connect({
        host: server.host,
        port: server.ports.c2s,
        domain: server.domain,
        account,
        ...(resource === undefined ? {} : { resource }),
      });
    };
    // One client for each user, and a second session for the second: two may share a nick.
    const judge = await connect(USERS.length);
    const clientCount = USERS.length + 1;
    const userOf = (client: number): number => (client === USERS.length ? 1 : client);
    const clients = await Promise.all(
      Array.from({ length: clientCount }, (_, client) => connect(userOf(client))),
    );
    const roomJids = Array.from(
      { length: ROOMS },
      (_, room) => `model-${seed}-${room}|site\u00e9@${server.mucService}`,
    );
    const jids = [
      ...server.accounts.slice(1, USERS.length).map(({ jid }) => jid),
      'absent@localhost',
      'elsewhere@example.org',
      'example.net',
    ];
    const [plan] = fc.sample(operations(clientCount, ROOMS, jids.length), { seed, numRuns: 1 });
    let sequence = 0;
    for (const { client, room, act } of plan ?? []) {
      const session = clients[client]?.session;
      const roomJid = roomJids[room];
      if (session === undefined || roomJid === undefined) throw new Error('no such client or room');
      if (act.kind === 'reconnect') {
        session.abort();
        clients[client] = await connect(userOf(client));
        continue;
      }
      const stanza = stanzaOf(act, roomJid, jids, (sequence += 1));
      if (stanza !== undefined) await session.send(stanza);
    }
    // Everything that was sent before this question has been done when it is answered.
    await Promise.all(clients.map((client) => client.discoInfo(server.mucService)));

    await eventually(
      async () => {
        const truths = [];
        for (const roomJid of roomJids) {
          truths.push(await readRoomTruth([judge], roomJid, server));
        }
        const { rows } = await store.readSnapshot();
        const listed = rows.filter(({ roomId }) => roomId.startsWith(`model-${seed}-`));
        expect(listed.map(comparable).sort(byRoomId)).toEqual(
          truths.filter((truth) => truth !== undefined).sort(byRoomId),
        );
        for (const row of listed) expectInvariants(row);
      },
      () => true,
      { timeoutMs: 30_000, what: `the list to be the truth with seed ${seed}` },
    );

    await expectSubjects(judge, seed);
    await Promise.all([judge, ...clients].map((client) => client.disconnect()));
  }

  /** The subject is told to those who join only. */
  async function expectSubjects(judge: ChatClient, seed: number): Promise<void> {
    const { rows } = await store.readSnapshot();
    for (const { roomId, subject } of rows) {
      if (!roomId.startsWith(`model-${seed}-`)) continue;
      const roomJid = `${roomId}@${server.mucService}`;
      const told = judge.session.waitFor(
        (stanza) =>
          stanza.name === 'message' &&
          stanza.attrs['from']?.startsWith(roomJid) === true &&
          stanza.getChild('subject') !== undefined,
        `the subject of ${roomJid}`,
      );
      await judge.join(roomJid, 'judge', { password: 'sesame' });
      expect((await told).getChildText('subject')).toBe(subject);
      await judge.leave(roomJid);
    }
  }

  function byRoomId(a: { roomId: string }, b: { roomId: string }): number {
    return a.roomId < b.roomId ? -1 : 1;
  }
});
