/** Rooms as Prosody's own feed tells them: what joining could not see, and nobody sees us. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ChatClient, StanzaFailure } from '../support/chat-client.js';
import { xml } from '../support/client-session.js';
import { type FeedRig, startFeedRig } from '../support/feed-rig.js';
import { comparable, readRoomTruth } from '../support/room-truth.js';

let rig: FeedRig;
let alice: ChatClient;
let bob: ChatClient;
let judge: ChatClient;

beforeAll(async () => {
  rig = await startFeedRig();
  alice = await rig.connect('alice');
  bob = await rig.connect('bob');
  judge = await rig.connect('judge');
}, 60_000);

afterAll(() => rig.stop(), 30_000);

async function expectTruth(roomId: string): Promise<void> {
  const row = await rig.waitForRow(roomId);
  const truth = await readRoomTruth([judge], rig.roomJid(roomId), rig.prosody);
  expect(comparable(row)).toEqual(truth);
}

/** Enters with whatever nick, past what the client would say to it; the condition of the refusal. */
async function joinRefused(client: ChatClient, occupantJid: string): Promise<string> {
  const x = xml('x', { xmlns: 'http://jabber.org/protocol/muc' });
  const presence = xml('presence', { to: occupantJid }, x);
  const failure: unknown = await client.session
    .ask(presence, () => false, 'a refusal')
    .catch((error: unknown) => error);
  if (failure instanceof StanzaFailure) return failure.condition;
  throw failure;
}

test('the module is chosen where the service announces it', () => {
  expect(rig.countLogged('following by the feed')).toBe(1);
});

test('nobody in a room can tell that it is followed', async () => {
  const roomJid = rig.roomJid('unseen');
  await alice.join(roomJid, 'alice');
  await bob.join(roomJid, 'bob');
  await rig.waitForRow('unseen', (row) => row.occupants === 2);
  // What anybody would have been told by now was told before this.
  await alice.say(roomJid, 'Is anybody else here?');

  const senders = alice.session.received
    .filter(({ name, attrs }) => name === 'presence' && attrs['from']?.startsWith(roomJid))
    .map(({ attrs }) => attrs['from']);
  expect(new Set(senders)).toEqual(new Set([`${roomJid}/alice`, `${roomJid}/bob`]));
  const { fields } = await alice.discoInfo(roomJid);
  expect(fields.get('muc#roominfo_occupants')).toEqual(['2']);
  const seen = [];
  for (const role of ['moderator', 'participant', 'visitor'] as const) {
    seen.push(...(await judge.readRoles(roomJid, role)).map(({ nick }) => nick));
  }
  expect(seen.sort()).toEqual(['alice', 'bob']);
  expect(await judge.readAffiliations(roomJid, 'owner')).toEqual([rig.prosody.accounts[0]?.jid]);
});

test('a hidden temporary room is there at once, and ends with its last occupant', async () => {
  const roomJid = rig.roomJid('brief');
  await alice.join(roomJid, 'alice');
  expect((await alice.discoInfo(roomJid)).features).toContain('muc_hidden');
  await rig.waitForRow('brief');
  await expectTruth('brief');
  await alice.leave(roomJid);
  await rig.waitUntilGone('brief');
  await expect(alice.discoInfo(roomJid)).rejects.toMatchObject({ condition: 'item-not-found' });
});

test('a room that was destroyed is none, though a tombstone answers for it', async () => {
  const roomJid = rig.roomJid('destroyed');
  await alice.join(roomJid, 'alice');
  await alice.configure(roomJid, { 'muc#roomconfig_persistentroom': '1' });
  await rig.waitForRow('destroyed');
  await alice.destroy(roomJid);
  await rig.waitUntilGone('destroyed');
  // The question makes Prosody read the tombstone like a room.
  await expect(bob.discoInfo(roomJid)).rejects.toMatchObject({ condition: 'gone' });
  await alice.join(rig.roomJid('after-the-tombstone'), 'alice');
  const isThere = (seen: ReadonlyMap<string, unknown>): boolean => seen.has('after-the-tombstone');
  const rows = await rig.waitForRows(isThere, 'what comes after the question');
  expect(rows.has('destroyed')).toBe(false);
});

test('a room is there though its first occupant was refused', async () => {
  const roomJid = rig.roomJid('refused');
  const condition = await joinRefused(alice, `${roomJid}/\u{1f600}`);
  expect(condition).toBe('jid-malformed');
  const row = await rig.waitForRow('refused');
  expect(row).toMatchObject({ occupants: 0, owners: 1 });
  await expectTruth('refused');
  await bob.join(roomJid, 'bob');
  await rig.waitForRow('refused', ({ occupants }) => occupants === 1);
  await bob.leave(roomJid);
  await rig.waitUntilGone('refused');
});

test('the only occupant changes nick, which ends a temporary room', async () => {
  const roomJid = rig.roomJid('renamed');
  await alice.join(roomJid, 'alice');
  await rig.waitForRow('renamed');
  await alice.changeNick(roomJid, 'somebody else');
  await rig.waitUntilGone('renamed');
  await expect(alice.discoInfo(roomJid)).rejects.toMatchObject({ condition: 'item-not-found' });
  await bob.join(roomJid, 'bob');
  await rig.waitForRow('renamed');
  await expectTruth('renamed');
});

test('the service itself, entered like a room, is none', async () => {
  await alice.join(rig.prosody.mucService, 'alice');
  await alice.join(rig.roomJid('beside'), 'alice');
  const rows = await rig.waitForRows((seen) => seen.has('beside'), 'the room beside');
  expect([...rows.keys()]).not.toContain('');
});

test('the maximum of occupants comes from the module that sets it', async () => {
  const roomJid = rig.roomJid('limited');
  await alice.join(roomJid, 'alice');
  expect((await rig.waitForRow('limited')).maxUsers).toBe(0);
  await alice.configure(roomJid, { 'muc#roomconfig_maxusers': '20' });
  const row = await rig.waitForRow('limited', ({ maxUsers }) => maxUsers === 20);
  expect(row.modificationDate > row.creationDate).toBe(true);
  await expectTruth('limited');
});

test('a form that changes nothing is no change', async () => {
  const roomJid = rig.roomJid('unchanged');
  await alice.join(roomJid, 'alice');
  const before = await rig.waitForRow('unchanged');
  await alice.configure(roomJid, { 'muc#roomconfig_roomname': '' });
  await alice.setSubject(roomJid, 'and then something else');
  const after = await rig.waitForRow('unchanged', ({ subject }) => subject !== '');
  expect(after.modificationDate).toBe(before.modificationDate);
});

test('thousands of occupants leave at once, in more than one message', async () => {
  const room = rig.roomJid('crowded');
  await rig.workshop(alice, 'fill', { room, count: '3000', nick: '&'.repeat(200) });
  await rig.waitForRow('crowded', ({ occupants }) => occupants === 3_000);
  await expectTruth('crowded');
  await rig.workshop(alice, 'clear', { room });
  const row = await rig.waitForRow('crowded', ({ occupants }) => occupants === 0);
  expect(row).toMatchObject({ members: 3_000 });
}, 60_000);
