/** `npm run up` as people meet it: started, used, stopped, started again. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../support/eventually.js';
import { isRunning, LauncherRig, logIn, pasteCurl } from '../support/launcher-rig.js';

const TEST_TIMEOUT_MS = 90_000;

let rig: LauncherRig;

beforeEach(async () => {
  rig = await LauncherRig.create();
});

afterEach(() => rig.end(), 20_000);

test(
  'a room shows in the list, and lives through a stop with its dates and keys',
  async () => {
    const first = rig.up();
    const before = await rig.announced(first);
    for (const file of ['up.json', 'secrets.json', 'sites.json', 'default-site.json']) {
      expect([file, statSync(join(rig.dir, file)).mode & 0o777]).toEqual([file, 0o600]);
    }
    expect(before.xmpp.accounts).toHaveLength(2);
    const alice = await logIn(before, 0);
    await alice.join('tea@conference.localhost', 'Alice');
    await alice.configure('tea@conference.localhost', { 'muc#roomconfig_persistentroom': '1' });
    const [row] = await eventually(
      () => pasteCurl(first),
      (rows) => rows[0]?.occupants === 1,
    );
    expect(row).toMatchObject({ roomId: 'tea', owners: 1, moderators: 1 });
    await alice.disconnect();
    const [empty] = await eventually(
      () => pasteCurl(first),
      (rows) => rows[0]?.occupants === 0,
    );

    const pids = Object.values(rig.childPids());
    expect(pids).toHaveLength(4);
    await rig.stop(first);
    expect(pids.filter(isRunning)).toEqual([]);
    expect(existsSync(join(rig.dir, 'up.json'))).toBe(false);

    const second = rig.up();
    expect(await rig.announced(second)).toEqual(before);
    expect(await pasteCurl(second)).toEqual([empty]);
    const guest = await logIn(before);
    await guest.join('tea@conference.localhost', 'Guest');
    await guest.disconnect();
    await rig.stop(second);
  },
  TEST_TIMEOUT_MS,
);

test(
  'what it prints works, also after its secrets were deleted and its key edited',
  async () => {
    const first = rig.up('--store=memory');
    const before = await rig.announced(first);
    expect(first.output()).toContain('dates of rooms are forgotten');
    await rig.stop(first);
    rmSync(join(rig.dir, 'secrets.json'));
    const keyFile = join(rig.dir, 'default-site.json');
    const key = JSON.parse(readFileSync(keyFile, 'utf8')) as object;
    writeFileSync(keyFile, JSON.stringify({ ...key, apiKey: 'edited' }));

    const second = rig.up('--store=memory');
    const after = await rig.announced(second);
    expect(after.xmpp.accounts).not.toEqual(before.xmpp.accounts);
    for (const account of [0, 1]) {
      const client = await logIn(after, account);
      await client.disconnect();
    }
    expect(await pasteCurl(second)).toEqual([]);
    await rig.stop(second);
  },
  TEST_TIMEOUT_MS,
);

test(
  'with the memory store it is one process without Redis',
  async () => {
    const run = rig.up('--store=memory');
    const announcement = await rig.announced(run);
    expect(Object.keys(rig.childPids()).sort()).toEqual(['prosody', 'standalone']);
    const alice = await logIn(announcement, 1);
    await alice.join('tea@conference.localhost', 'Bob');
    await eventually(
      () => pasteCurl(run),
      (rows) => rows[0]?.roomId === 'tea',
    );
    await alice.disconnect();
    await rig.stop(run);
  },
  TEST_TIMEOUT_MS,
);
