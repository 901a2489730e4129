/** What the module says on the wire: sizes, numbers, refusals, and order amid changes. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import {
  buildFeedSnapshot,
  buildFeedStatus,
  buildFeedUnsubscribe,
  parseFeedStatus,
} from '@conference/muc-stanza';
import { applyRoomEvent } from '@conference/muc';
import type { Room } from '@conference/muc';
import { FedRooms } from '../../services/tracker/src/server-feed/fed-rooms.js';
import type { ChatClient } from '../support/chat-client.js';
import { eventually } from '../support/eventually.js';
import { type FeedRig, startFeedRig } from '../support/feed-rig.js';
import { openRawFeed, type RawFeed } from '../support/raw-feed.js';

/** Prosody's limit for a stanza of a component, and a likely one for any receiver. */
const MAXIMUM_BYTES = 512 * 1024;
const CROWD = 5_000;

let rig: FeedRig;
let feed: RawFeed;
let alice: ChatClient;
let judge: ChatClient;

beforeAll(async () => {
  rig = await startFeedRig({ hasTracker: false });
  feed = await openRawFeed(rig.prosody);
  alice = await rig.connect('alice');
  judge = await rig.connect('judge');
}, 60_000);

afterAll(async () => {
  await feed.connection.stop();
  await rig.stop();
}, 30_000);

beforeEach(() => {
  feed.told.splice(0);
});

test('the service announces the feature', async () => {
  const { features } = await alice.discoInfo(rig.prosody.mucService);
  expect(features).toContain('urn:xmpp:conference-feed:1');
});

test('anybody but the configured component is refused', async () => {
  const { mucService } = rig.prosody;
  const subscribe = feed.connection.request(buildFeedStatus(feed.ownJid, mucService), {
    timeoutMs: 10_000,
    onReply: parseFeedStatus,
  });
  expect((await subscribe)?.isListening).toBe(false);
  const payload = buildFeedStatus('', '').getChild('status');
  if (payload === undefined) throw new Error('unreachable: it was built with a status');
  await expect(judge.session.request('get', mucService, payload)).rejects.toMatchObject({
    condition: 'forbidden',
  });
});

test('a snapshot belongs to a subscription, and its pages come in order', async () => {
  const { mucService } = rig.prosody;
  await feed.ask(buildFeedUnsubscribe(feed.ownJid, mucService), () => undefined);
  await expect(feed.readPage(0)).rejects.toMatchObject({ condition: 'unexpected-request' });
  await feed.subscribe();
  await expect(feed.readPage(7)).rejects.toMatchObject({ condition: 'item-not-found' });
  const odd = buildFeedSnapshot(feed.ownJid, mucService, Number.NaN);
  await expect(feed.ask(odd, () => undefined)).rejects.toMatchObject({
    condition: 'item-not-found',
  });
});

test('batches are numbered one by one, and say what changed and no more', async () => {
  const place = await feed.subscribe();
  const roomJid = rig.roomJid('numbered');
  await alice.join(roomJid, 'alice');
  await eventually(() => feed.told.length === 1, Boolean);
  await alice.setAffiliation(roomJid, 'absent@example.org', 'member');
  await eventually(() => feed.told.length === 2, Boolean);
  await alice.leave(roomJid);
  await eventually(() => feed.told.length === 3, Boolean);
  expect(feed.told.map(({ life, number }) => [life, number])).toEqual(
    [1, 2, 3].map((step) => [place.life, place.number + step]),
  );
  expect(feed.told[0]?.rooms).toMatchObject([{ kind: 'first', roomId: 'numbered' }]);
  expect(feed.told[1]?.rooms).toEqual([
    {
      kind: 'change',
      roomId: 'numbered',
      occupants: [],
      affiliations: [{ bareJid: 'absent@example.org', affiliation: 'member' }],
      hasMore: false,
      hasTracker: false,
    },
  ]);
  expect(feed.told[2]?.rooms).toEqual([{ kind: 'gone', roomId: 'numbered' }]);
});

test('thousands of occupants are told in stanzas of bounded size, one join in a small one', async () => {
  const room = rig.roomJid('big');
  // Long nicks of characters that are longer still on the wire.
  await rig.workshop(judge, 'fill', { room, count: String(CROWD), nick: '"&'.repeat(12) });
  await feed.subscribe();
  await feed.readSnapshot();
  const pages = feed.told.filter(({ rooms }) => rooms.some(({ roomId }) => roomId === 'big'));
  expect(pages.length).toBeGreaterThan(10);
  for (const { bytes } of feed.told) expect(bytes).toBeLessThan(MAXIMUM_BYTES);
  expect(countOccupants(feed, 'big')).toBe(CROWD);

  feed.told.splice(0);
  await judge.join(room, 'judge');
  await eventually(() => feed.told.length > 0, Boolean);
  expect(feed.told).toHaveLength(1);
  expect(feed.told[0]?.bytes).toBeLessThan(600);
  expect(feed.toldOf('big')).toMatchObject([{ kind: 'change', occupants: [{ nick: 'judge' }] }]);
  await judge.leave(room);
}, 60_000);

test('one room alone is read in pages, and counts for nothing that is told', async () => {
  await feed.subscribe();
  let next: number | undefined = 0;
  while (next !== undefined) next = (await feed.readRoomPage('big', next)).nextPage;
  expect(feed.told.length).toBeGreaterThan(10);
  expect(feed.toldOf('big')).toHaveLength(feed.told.length);
  for (const { bytes } of feed.told) expect(bytes).toBeLessThan(MAXIMUM_BYTES);
  expect(countOccupants(feed, 'big')).toBe(CROWD);
  // The subscription has told nothing of it yet: its next change tells the whole.
  feed.told.splice(0);
  await judge.join(rig.roomJid('big'), 'judge');
  await eventually(
    () => feed.toldOf('big')[0]?.kind,
    (kind) => kind === 'first',
  );
  await judge.leave(rig.roomJid('big'));
}, 60_000);

test('one room alone: none of that name, none asked for, and a page out of turn', async () => {
  await feed.subscribe();
  expect(await feed.readRoomPage('nowhere', 0)).toMatchObject({ rooms: [] });
  await expect(feed.readRoomPage('', 0)).rejects.toMatchObject({ condition: 'bad-request' });
  const { nextPage } = await feed.readRoomPage('big', 0);
  expect(nextPage).toBe(1);
  for (const [roomId, page] of [
    ['nowhere', 1],
    ['big', 2],
    ['big', Number.NaN],
  ] as const) {
    await expect(feed.readRoomPage(roomId, page)).rejects.toMatchObject({
      condition: 'item-not-found',
    });
  }
  await feed.ask(buildFeedUnsubscribe(feed.ownJid, rig.prosody.mucService), () => undefined);
  await expect(feed.readRoomPage('big', 0)).rejects.toMatchObject({
    condition: 'unexpected-request',
  });
});

test('a room with long texts does not share its stanza', async () => {
  const roomJid = rig.roomJid('wordy');
  await alice.join(roomJid, 'alice');
  // Each is six times as long on the wire.
  const description = '"'.repeat(60_000);
  await alice.configure(roomJid, { 'muc#roomconfig_roomdesc': description });
  await feed.subscribe();
  feed.told.splice(0);
  await feed.readSnapshot();
  for (const { bytes } of feed.told) expect(bytes).toBeLessThan(MAXIMUM_BYTES);
  const [first] = feed.toldOf('wordy');
  expect(first).toMatchObject({ summary: { configuration: { description } } });
  expect(feed.told.find(({ rooms }) => rooms.some((room) => room === first))?.rooms).toEqual([
    first,
  ]);
  await alice.leave(roomJid);
});

test('what happens between the pages of a snapshot ends in the truth', async () => {
  const room = rig.roomJid('big');
  await feed.subscribe();
  let next: number | undefined = 0;
  for (let step = 0; next !== undefined; step += 1) {
    next = (await feed.readPage(next)).nextPage;
    // Into it and out of it, while it is being told.
    if (step % 2 === 0) await judge.join(room, `judge ${step}`);
    else await judge.leave(room);
    await alice.join(rig.roomJid(`between-${step}`), 'alice');
    if (step % 3 === 0) await alice.leave(rig.roomJid(`between-${step}`));
    if (step === 7) await rig.workshop(alice, 'clear', { room });
  }
  const seen = [
    ...(await judge.readRoles(room, 'moderator')),
    ...(await judge.readRoles(room, 'participant')),
  ];
  await eventually(
    () => countOccupants(feed, 'big'),
    (count) => count === seen.length,
    { what: `${seen.length} occupants` },
  );
  const whole = feed.toldOf('big').filter(({ kind }) => kind === 'first');
  expect(whole).toHaveLength(1);
}, 60_000);

/** What the tracker makes of all that was told. */
function countOccupants({ told }: RawFeed, roomId: string): number {
  const read = new Map<string, Room>();
  const rooms = new FedRooms(
    {
      onDoubtfulDeparture: () => undefined,
      onRoomRead: (room) => read.set(room.roomId, room),
      onRoomEvent: (eventRoomId, event) => {
        const room = read.get(eventRoomId);
        if (room !== undefined) applyRoomEvent(room, event, 0);
      },
      onRoomGone: (goneRoomId) => read.delete(goneRoomId),
      onRoomUnreadable: () => undefined,
      onSynchronised: () => undefined,
      onTrouble: () => undefined,
      onInterrupted: () => undefined,
    },
    () => 0,
  );
  for (const { rooms: toldRooms } of told) for (const room of toldRooms) rooms.take(room);
  return read.get(roomId)?.occupants.size ?? 0;
}
