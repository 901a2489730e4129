/** A tracker without rights: it says so, and part of the rooms never passes for all of them. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createMemoryRoomStore, type RoomStore } from '@conference/room-store';
import {
  createMetricsRegistry,
  createSilentLogger,
  readSettings,
  type Registry,
} from '@conference/service-runtime';
import { type RunningTracker, startTracker, trackerSettings } from '@conference/tracker';
import { type ProsodyServer, startProsody } from '../servers/prosody.js';
import { ChatClient } from '../support/chat-client.js';
import { eventually } from '../support/eventually.js';
import { readCount } from '../support/metric.js';

const ROOM_ID = 'tea';
let stops: (() => Promise<void>)[];

beforeEach(() => {
  stops = [];
});

afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
}, 30_000);

interface Followed {
  readonly tracker: RunningTracker;
  readonly store: RoomStore;
  readonly registry: Registry;
}

async function startServer(hasFeed: boolean, extraMucConfig: string): Promise<ProsodyServer> {
  const prosody = await startProsody({ hasFeed, extraMucConfig });
  stops.push(() => prosody.stop());
  return prosody;
}

async function follow(
  prosody: ProsodyServer,
  feed: 'feed' | 'join',
  mucService = prosody.mucService,
): Promise<Followed> {
  const store = createMemoryRoomStore(mucService);
  const registry = createMetricsRegistry();
  const tracker = await startTracker({
    settings: readSettings(trackerSettings, {
      XMPP_COMPONENT_PORT: String(prosody.ports.component),
      XMPP_COMPONENT_SECRET: prosody.componentSecret,
      MUC_SERVICES: mucService,
      TRACKER_FEED: feed,
    }),
    stores: [store],
    logger: createSilentLogger(),
    registry,
  });
  stops.push(() => tracker.stop());
  return { tracker, store, registry };
}

/** Waits until it says why it is not ready; there is no list then. */
async function expectRefusal({ tracker, store }: Followed, sentence: string): Promise<void> {
  await eventually(
    () => tracker.readiness().map(({ reason }) => reason ?? ''),
    (reasons) => reasons.some((reason) => reason.includes(sentence)),
    { what: 'readiness to say why' },
  );
  expect((await store.readSnapshot()).picture.state).toBe('loading');
}

/** A room with one owner inside and one outcast. */
async function makeRoom(prosody: ProsodyServer): Promise<void> {
  const { host, ports, domain, accounts } = prosody;
  const [account] = accounts;
  if (account === undefined) throw new Error('no account');
  const alice = await ChatClient.connect({ host, port: ports.c2s, domain, account });
  stops.push(() => alice.disconnect());
  const room = `${ROOM_ID}@${prosody.mucService}`;
  await alice.join(room, 'alice');
  await alice.setAffiliation(room, 'absent@example.org', 'outcast');
}

test.each([
  ['of the MUC service', 'conference.localhost', 'is no administrator of conference.localhost'],
  ['and the service does not exist', 'nosuch.localhost', 'nosuch.localhost answered '],
  ['and the address is no MUC service', 'localhost', 'localhost is no MUC service'],
])(
  'no administrator %s',
  async (_what, mucService, sentence) => {
    const prosody = await startServer(false, 'admins = { "somebody.else" }');
    await expectRefusal(await follow(prosody, 'join', mucService), sentence);
  },
  60_000,
);

// COMPAT(prosody 13): administrators own no rooms there, unless that is configured.
const ADMINS_OWN_NOTHING = 'component_admins_as_room_owners = false';

test('an administrator who owns no rooms cannot join and read them, which is counted', async () => {
  const prosody = await startServer(false, ADMINS_OWN_NOTHING);
  await makeRoom(prosody);
  const followed = await follow(prosody, 'join');
  await expectRefusal(followed, 'component_admins_as_room_owners = true');
  expect(await readCount(followed.registry, 'conference_tracker_unreadable_rooms')).toBe(1);
}, 60_000);

test.each([
  ['an administrator who owns no rooms', ADMINS_OWN_NOTHING],
  ['no administrator at all', 'admins = { "somebody.else" }'],
])(
  'the feed tells everything to %s',
  async (_who, extraMucConfig) => {
    const prosody = await startServer(true, extraMucConfig);
    await makeRoom(prosody);
    const { store } = await follow(prosody, 'feed');
    const { rows } = await eventually(
      () => store.readSnapshot(),
      (snapshot) => snapshot.picture.state === 'live',
      { what: 'the list' },
    );
    expect(rows).toEqual([
      expect.objectContaining({ roomId: ROOM_ID, occupants: 1, owners: 1, outcasts: 1 }),
    ]);
  },
  60_000,
);
