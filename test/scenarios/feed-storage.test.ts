/** What the feed tells of rooms that Prosody has on disk, and of their dates. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import type { ChatClient } from '../support/chat-client.js';
import { xml } from '../support/client-session.js';
import { type FeedRig, startFeedRig } from '../support/feed-rig.js';
import { comparable, readRoomTruth } from '../support/room-truth.js';

let rig: FeedRig;

afterEach(() => rig.stop(), 30_000);

async function makePersistent(client: ChatClient, roomId: string): Promise<void> {
  await client.join(rig.roomJid(roomId), 'nick');
  await client.configure(rig.roomJid(roomId), { 'muc#roomconfig_persistentroom': '1' });
}

test('a date of creation is the real one, and outlives tracker, store and server', async () => {
  rig = await startFeedRig({ hasTracker: false });
  const alice = await rig.connect('alice');
  const before = new Date().toISOString();
  await makePersistent(alice, 'dated');
  await alice.setSubject(rig.roomJid('dated'), 'when was this?');
  const after = new Date().toISOString();
  // Nobody listened until here.
  rig.startTracker();
  const first = await rig.waitForRow('dated');
  expect(first.creationDate >= before && first.creationDate <= after).toBe(true);
  expect(first.modificationDate > first.creationDate && first.modificationDate <= after).toBe(true);

  await rig.stopTracker();
  rig.forget();
  rig.startTracker();
  expect(await rig.waitForRow('dated')).toEqual(first);

  await rig.stopTracker();
  rig.forget();
  await rig.prosody.restart();
  rig.startTracker();
  const { emptyDate, ...last } = await rig.waitForRow('dated');
  expect(last).toEqual({ ...first, occupants: 0, moderators: 0 });
  expect(emptyDate !== undefined && emptyDate > after).toBe(true);
}, 60_000);

test('a persistent room made anew after its end is another room', async () => {
  rig = await startFeedRig({ extraMucConfig: 'muc_tombstones = false' });
  const alice = await rig.connect('alice');
  await makePersistent(alice, 'again');
  const first = await rig.waitForRow('again');
  await alice.destroy(rig.roomJid('again'));
  await alice.join(rig.roomJid('again'), 'nick');
  const second = await rig.waitForRow('again', (row) => row.creationDate !== first.creationDate);
  expect(second.creationDate > first.modificationDate).toBe(true);
  expect(second.modificationDate).toBe(second.creationDate);
}, 60_000);

test('a thousand rooms, of which Prosody keeps a hundred in memory', async () => {
  const count = 1_000;
  rig = await startFeedRig({
    hasTracker: false,
    // The file with all their names would be written anew for each room that is swapped to disk.
    extraMucConfig: 'muc_room_cache_size = 100\nstorage = { persistent = "memory" }',
  });
  const [alice, judge] = [await rig.connect('alice'), await rig.connect('judge')];
  const roomIds = Array.from({ length: count }, (_, index) => `room-${index}`);
  const isOccupied = (index: number): boolean => index % 3 !== 0;
  for (const [index, roomId] of roomIds.entries()) {
    const room = rig.roomJid(roomId);
    if (isOccupied(index)) await alice.session.send(joining(room));
    else await rig.workshop(alice, 'fill', { room, count: '0' });
  }
  await alice.discoInfo(rig.prosody.mucService);

  rig.startTracker();
  const rows = await rig.waitForRows(() => true, 'the first picture');
  expect([...rows.keys()].sort()).toEqual([...roomIds].sort());
  for (const [index, roomId] of roomIds.entries()) {
    expect([roomId, rows.get(roomId)?.occupants]).toEqual([roomId, isOccupied(index) ? 1 : 0]);
  }
  // Rooms on disk go on being followed.
  const bob = await rig.connect('bob');
  for (const roomId of ['room-0', 'room-1', 'room-998']) {
    await bob.join(rig.roomJid(roomId), 'bob');
  }
  await alice.session.send(
    xml('presence', { to: `${rig.roomJid('room-2')}/alice`, type: 'unavailable' }),
  );
  await rig.waitForRow('room-998', ({ occupants }) => occupants === 2);
  await rig.waitUntilGone('room-2');
  for (const roomId of ['room-0', 'room-1', 'room-4', 'room-500', 'room-998']) {
    const truth = await readRoomTruth([judge], rig.roomJid(roomId), rig.prosody);
    expect(comparable(await rig.waitForRow(roomId))).toEqual(truth);
  }
  expect((await rig.liveRows())?.size).toBe(count - 1);
}, 120_000);

test('a room that Prosody cannot read stays as it was last known, and stops nothing', async () => {
  rig = await startFeedRig();
  const alice = await rig.connect('alice');
  for (const roomId of ['broken', 'whole']) await makePersistent(alice, roomId);
  await alice.session.close();
  await rig.waitForRow('whole', ({ occupants }) => occupants === 0);
  const before = await rig.waitForRow('broken', ({ occupants }) => occupants === 0);
  // An orderly stop would write the file once more.
  await rig.prosody.kill();
  damageStoredRoom('broken');
  await rig.prosody.start();
  await rig.waitForRows(() => rig.countLogged('the picture is whole') > 1, 'a second picture');
  const bob = await rig.connect('bob');
  await bob.join(rig.roomJid('whole'), 'bob');
  await rig.waitForRow('whole', ({ occupants }) => occupants === 1);
  expect(await rig.waitForRow('broken')).toEqual(before);
}, 60_000);

function damageStoredRoom(roomId: string): void {
  const files = readdirSync(join(rig.dir, 'data'), { recursive: true, encoding: 'utf8' });
  const stored = files.filter((file) => file.endsWith(`/config/${roomId}.dat`));
  expect(stored).toHaveLength(1);
  for (const file of stored) writeFileSync(join(rig.dir, 'data', file), 'return {');
}

function joining(roomJid: string): ReturnType<typeof xml> {
  const x = xml('x', { xmlns: 'http://jabber.org/protocol/muc' });
  return xml('presence', { to: `${roomJid}/alice` }, x);
}
