/** `npm run up -- --server ejabberd`: the same stack on another server. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { RoomRow } from '@conference/muc';
import { eventually } from '../support/eventually.js';
import { LauncherRig, logIn, pasteCurl, type Run } from '../support/launcher-rig.js';

let rig: LauncherRig;

beforeEach(async () => {
  rig = await LauncherRig.create();
});

afterEach(() => rig.end(), 20_000);

/** The one room that is listed, once the condition holds. */
async function waitForRow(run: Run, isRight: (row: RoomRow) => boolean): Promise<RoomRow> {
  return eventually(
    async () => {
      const [row] = await pasteCurl(run);
      if (row === undefined) throw new Error('no room');
      return row;
    },
    isRight,
    { what: 'the row' },
  );
}

test('a room shows, and is there again with its dates after the next start', async () => {
  const first = rig.up('--server=ejabberd');
  const announcement = await rig.announced(first);
  const alice = await logIn(announcement, 0);
  const guest = await logIn(announcement);
  const roomJid = `tea@${announcement.mucService}`;
  await alice.join(roomJid, 'alice');
  await alice.configure(roomJid, { 'muc#roomconfig_persistentroom': '1' });
  await guest.join(roomJid, 'guest');
  const before = await waitForRow(first, (row) => row.occupants === 2 && row.maxUsers === 200);
  alice.abort();
  guest.abort();
  await waitForRow(first, (row) => row.emptyDate !== undefined);
  await rig.stop(first);

  const second = rig.up('--server=ejabberd');
  expect(await rig.announced(second)).toEqual(announcement);
  const after = await waitForRow(second, (row) => row.occupants === 0);
  expect(after.creationDate).toBe(before.creationDate);
  // The accounts are the same, and so is who owns the room.
  const again = await logIn(announcement, 0);
  expect(await again.readAffiliations(roomJid, 'owner')).toEqual(['alice@localhost']);
  again.abort();
  await rig.stop(second);
}, 120_000);
