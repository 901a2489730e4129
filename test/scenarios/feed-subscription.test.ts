/** Who is told, and what happens when the telling is interrupted. */
import { afterEach, expect, test } from '@jest/globals';
import type { ChatClient } from '../support/chat-client.js';
import { eventually } from '../support/eventually.js';
import { type FeedRig, type FeedRigOptions, startFeedRig } from '../support/feed-rig.js';
import { comparable, readRoomTruth } from '../support/room-truth.js';

let rig: FeedRig;
let alice: ChatClient;
let bob: ChatClient;
let judge: ChatClient;

async function start(options: FeedRigOptions = {}): Promise<void> {
  rig = await startFeedRig(options);
  alice = await rig.connect('alice');
  bob = await rig.connect('bob');
  judge = await rig.connect('judge');
}

afterEach(() => rig.stop(), 30_000);

async function expectTruth(roomIds: readonly string[]): Promise<void> {
  await eventually(
    async () => {
      const truths = [];
      for (const roomId of roomIds) {
        truths.push(await readRoomTruth([judge], rig.roomJid(roomId), rig.prosody));
      }
      const rows = [...((await rig.liveRows()) ?? new Map()).values()];
      expect(rows.map(comparable).sort(byRoomId)).toEqual(
        truths.filter((truth) => truth !== undefined).sort(byRoomId),
      );
    },
    () => true,
    { what: 'the list to be the truth' },
  );
}

function byRoomId(a: { roomId: string }, b: { roomId: string }): number {
  return a.roomId < b.roomId ? -1 : 1;
}

test('the module is loaded anew: everything is read again, at once', async () => {
  await start();
  await alice.join(rig.roomJid('one'), 'alice');
  await rig.waitForRow('one');
  for (const roomId of ['two', 'three']) {
    await rig.workshop(alice, 'reload', { module: 'conference_feed' });
    await alice.join(rig.roomJid(roomId), 'alice');
    await rig.waitForRow(roomId);
  }
  await bob.join(rig.roomJid('one'), 'bob');
  await expectTruth(['one', 'two', 'three']);
  expect(rig.countLogged('following by joining')).toBe(0);
}, 60_000);

test('the whole MUC service is loaded anew', async () => {
  await start();
  await alice.join(rig.roomJid('one'), 'alice');
  await rig.waitForRow('one');
  await rig.workshop(alice, 'reload', { module: 'muc' });
  await eventually(() => rig.countLogged('the picture is whole') > 1, Boolean);
  await bob.join(rig.roomJid('one'), 'bob');
  await rig.waitForRow('one', ({ occupants }) => occupants === 2);
  await expectTruth(['one']);
}, 60_000);

test('what is lost on the way is noticed, and everything is read again', async () => {
  await start();
  await alice.join(rig.roomJid('one'), 'alice');
  await rig.waitForRow('one');
  rig.link.swallow('answers');
  await alice.join(rig.roomJid('lost'), 'alice');
  await bob.join(rig.roomJid('one'), 'bob');
  const interruptions = 'the feed was interrupted; reading everything again';
  await eventually(() => rig.link.droppedBytes > 0, Boolean, { what: 'something to be lost' });
  rig.link.pass('answers');
  await rig.waitForRow('lost');
  await expectTruth(['one', 'lost']);
  expect(rig.countLogged(interruptions)).toBeGreaterThan(0);
}, 60_000);

test('the link is cut while rooms change', async () => {
  await start();
  for (const roomId of ['ends', 'stays']) await alice.join(rig.roomJid(roomId), 'alice');
  await rig.waitForRow('ends');
  const stays = await rig.waitForRow('stays');
  rig.link.refuse();
  await eventually(async () => (await rig.liveRows()) === undefined, Boolean);
  await alice.leave(rig.roomJid('ends'));
  await bob.join(rig.roomJid('stays'), 'bob');
  await bob.join(rig.roomJid('begins'), 'bob');
  rig.link.accept();
  await rig.waitUntilGone('ends');
  await rig.waitForRow('begins');
  await expectTruth(['stays', 'begins']);
  expect(await rig.waitForRow('stays')).toEqual({ ...stays, occupants: 2, participants: 1 });
}, 60_000);

test('several MUC services of one Prosody, one tracker', async () => {
  const second = 'rooms.localhost';
  await start({
    mucServices: ['conference.localhost', second],
    extraMucConfig: `Component "${second}" "muc"
  muc_room_locking = false
  modules_enabled = { "conference_feed" }
  conference_feed_component = "tracker.localhost"`,
  });
  await alice.join(rig.roomJid('here'), 'alice');
  await alice.join(`there@${second}`, 'alice');
  await bob.join(`there@${second}`, 'bob');
  await rig.waitForRow('here');
  const rows = await eventually(
    () => rig.liveRows(second),
    (seen) => seen?.get('there')?.occupants === 2,
  );
  expect([...(rows?.keys() ?? [])]).toEqual(['there']);
  expect(rig.countLogged('following by the feed')).toBe(2);
  await expectTruth(['here']);
}, 60_000);

test('a feed that is for another component is none: rooms are joined', async () => {
  await start({
    hasTracker: false,
    extraMucConfig: 'conference_feed_component = "another.localhost"',
  });
  await alice.join(rig.roomJid('joined'), 'alice');
  rig.startTracker();
  const row = await rig.waitForRow('joined');
  expect(row.occupants).toBe(1);
  expect(await alice.readRoles(rig.roomJid('joined'), 'moderator')).toHaveLength(2);
  expect(rig.countLogged('the service does not offer us its feed')).toBe(1);
  expect(rig.countLogged('following by joining')).toBe(1);
}, 60_000);

test('a ghost of a tracker that joined is never counted, and leaves', async () => {
  await start({ hasTracker: false });
  rig.startTracker('join');
  await rig.waitUntilLive();
  for (const roomId of ['stays', 'ends']) {
    await alice.join(rig.roomJid(roomId), 'alice');
    await rig.waitForRow(roomId);
  }
  // It ends without having been able to leave.
  rig.link.refuse();
  await rig.stopTracker();
  await alice.leave(rig.roomJid('ends'));
  rig.forget();
  rig.link.accept();
  rig.startTracker('feed');
  const rows = await rig.waitForRows((seen) => !seen.has('ends'), 'the room of the ghost to end');
  expect(rows.get('stays')).toMatchObject({ occupants: 1, moderators: 1 });
  await eventually(
    () => judge.readRoles(rig.roomJid('stays'), 'moderator'),
    (seen) => {
      return seen.length === 1;
    },
  );
  await expectTruth(['stays']);
}, 60_000);
