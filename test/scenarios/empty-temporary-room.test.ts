/**
 * A temporary room that is empty and goes on: Prosody ends one when its last occupant leaves, and
 * this one was persistent then. To enter it would end it, so the tracker looks at it from outside,
 * where nothing is told.
 */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type FeedRig, startFeedRig } from '../support/feed-rig.js';

let rig: FeedRig;

beforeEach(async () => {
  rig = await startFeedRig({ hasTracker: false });
}, 60_000);

afterEach(() => rig.stop(), 30_000);

test.each(['join', 'feed'] as const)(
  'what changes in it is seen (%s)',
  async (feed) => {
    const alice = await rig.connect('alice');
    const roomJid = rig.roomJid('tea');
    await alice.join(roomJid, 'alice');
    await alice.configure(roomJid, { 'muc#roomconfig_persistentroom': '1' });
    await alice.leave(roomJid);
    await alice.configure(roomJid, { 'muc#roomconfig_persistentroom': '0' });
    rig.startTracker(feed);
    await rig.waitForRow('tea', (row) => row.occupants === 0 && row.owners === 1);

    await alice.setAffiliation(roomJid, 'absent@example.org', 'member');
    await alice.setAffiliation(roomJid, 'other@example.org', 'owner');
    await alice.configure(roomJid, { 'muc#roomconfig_roomname': 'Tea' });
    await rig.waitForRow(
      'tea',
      (row) => row.members === 1 && row.owners === 2 && row.name === 'Tea',
    );
    expect((await alice.discoInfo(roomJid)).features).toContain('muc_temporary');
  },
  60_000,
);
