/** What people do in a room, each step against the whole row, on a real Prosody. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RoomRow } from '@conference/muc';
import type { ChatClient } from '../support/chat-client.js';
import { comparable, readRoomTruth } from '../support/room-truth.js';
import { type Stack, startStack } from '../support/stack.js';

const ANY_DATE = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as unknown;

let stack: Stack;
/** The first account makes the rooms and so owns them. */
let alice: ChatClient;
let bob: ChatClient;

beforeAll(async () => {
  stack = await startStack();
  alice = await stack.connect(0);
  bob = await stack.connect(1);
}, 60_000);

afterAll(() => stack.stop(), 30_000);

/** A row as it is when somebody has just made a temporary room. */
function newRow(roomId: string): Record<keyof Omit<RoomRow, 'emptyDate'>, unknown> {
  return {
    roomId,
    name: roomId,
    admins: 0,
    creationDate: ANY_DATE,
    description: roomId,
    maxUsers: 0,
    members: 0,
    moderators: 1,
    modificationDate: ANY_DATE,
    occupants: 1,
    outcasts: 0,
    owners: 1,
    participants: 0,
    subject: '',
  };
}

/** Waits until the row is the expected one, and holds it against the server's own word. */
async function expectRow(roomId: string, expected: Record<string, unknown>): Promise<RoomRow> {
  const row = await stack.waitForRow(roomId, (seen) => {
    try {
      expect(seen).toEqual(expected);
      return true;
    } catch {
      return false;
    }
  });
  const truth = await readRoomTruth([alice], stack.roomJid(roomId), stack.prosody.trackerDomain);
  expect(comparable(row)).toEqual(truth);
  return row;
}

/** A room of its own for a test, made by alice. */
async function makeRoom(roomId: string): Promise<string> {
  const roomJid = stack.roomJid(roomId);
  await alice.join(roomJid, 'alice');
  await expectRow(roomId, newRow(roomId));
  return roomJid;
}

describe('coming and going', () => {
  test('a hidden temporary room appears with its maker as owner and moderator', async () => {
    const roomJid = await makeRoom('made');
    expect((await alice.discoInfo(roomJid)).features).toContain('muc_hidden');
    expect(await alice.discoItems(stack.prosody.mucService)).not.toContain(roomJid);
  });

  test('somebody joins, changes nick, and leaves', async () => {
    const roomJid = await makeRoom('joined');
    await bob.join(roomJid, 'bob');
    await expectRow('joined', { ...newRow('joined'), occupants: 2, participants: 1 });
    await bob.changeNick(roomJid, 'Bøb der Zweite');
    await bob.say(roomJid, 'still one of two');
    await expectRow('joined', { ...newRow('joined'), occupants: 2, participants: 1 });
    await bob.leave(roomJid);
    await expectRow('joined', newRow('joined'));
  });

  test('two sessions on one nick are one occupant, until the second leaves', async () => {
    const roomJid = await makeRoom('sessions');
    const second = await stack.connect(1, 'second');
    await bob.join(roomJid, 'bob');
    await second.join(roomJid, 'bob');
    await expectRow('sessions', { ...newRow('sessions'), occupants: 2, participants: 1 });
    await bob.leave(roomJid);
    await second.say(roomJid, 'here still');
    await expectRow('sessions', { ...newRow('sessions'), occupants: 2, participants: 1 });
    await second.leave(roomJid);
    await expectRow('sessions', newRow('sessions'));
  });

  test('a lost connection is a leave', async () => {
    const roomJid = await makeRoom('lost');
    const carol = await stack.connect();
    await carol.join(roomJid, 'carol');
    await expectRow('lost', { ...newRow('lost'), occupants: 2, participants: 1 });
    carol.abort();
    await expectRow('lost', newRow('lost'));
  });

  test('a temporary room ends with its last occupant, and the server agrees', async () => {
    const roomJid = await makeRoom('temporary');
    await alice.leave(roomJid);
    await stack.waitUntilGone('temporary');
    await expect(alice.discoInfo(roomJid)).rejects.toMatchObject({ condition: 'item-not-found' });
  });

  test('a persistent room stays, empty since its last occupant left', async () => {
    const roomJid = await makeRoom('persistent');
    await alice.configure(roomJid, { 'muc#roomconfig_persistentroom': '1' });
    await stack.waitForRow('persistent', (row) => row.modificationDate > row.creationDate);
    const before = new Date().toISOString();
    await alice.leave(roomJid);
    const row = await expectRow('persistent', {
      ...newRow('persistent'),
      moderators: 0,
      occupants: 0,
      emptyDate: ANY_DATE,
    });
    expect(row.emptyDate && row.emptyDate >= before).toBe(true);
    await bob.join(roomJid, 'bob');
    await expectRow('persistent', { ...newRow('persistent'), moderators: 0, participants: 1 });
  });
});

describe('moderation', () => {
  test('voice, moderator, kick', async () => {
    const roomJid = await makeRoom('roles');
    await bob.join(roomJid, 'bob');
    await alice.setRole(roomJid, 'bob', 'visitor');
    await expectRow('roles', { ...newRow('roles'), occupants: 2 });
    await alice.setRole(roomJid, 'bob', 'participant');
    await expectRow('roles', { ...newRow('roles'), occupants: 2, participants: 1 });
    await alice.setRole(roomJid, 'bob', 'moderator');
    await expectRow('roles', { ...newRow('roles'), occupants: 2, moderators: 2 });
    await alice.setRole(roomJid, 'bob', 'participant');
    await alice.setRole(roomJid, 'bob', 'none');
    await expectRow('roles', newRow('roles'));
  });

  test('a ban puts out and on the list, its removal takes off the list', async () => {
    const roomJid = await makeRoom('banned');
    await bob.join(roomJid, 'bob');
    await expectRow('banned', { ...newRow('banned'), occupants: 2, participants: 1 });
    await alice.setAffiliation(roomJid, 'bob@localhost', 'outcast');
    await expectRow('banned', { ...newRow('banned'), outcasts: 1 });
    await alice.setAffiliation(roomJid, 'bob@localhost', 'none');
    await expectRow('banned', newRow('banned'));
  });

  test('a banned domain is one entry, and puts out everybody of it', async () => {
    const roomJid = await makeRoom('domain-ban');
    const carol = await stack.connect();
    await carol.join(roomJid, 'carol');
    await expectRow('domain-ban', { ...newRow('domain-ban'), occupants: 2, participants: 1 });
    await alice.setAffiliation(roomJid, 'anon.localhost', 'outcast');
    await expectRow('domain-ban', { ...newRow('domain-ban'), outcasts: 1 });
  });

  test('affiliations of the present and the absent, and their removal', async () => {
    const roomJid = await makeRoom('affiliations');
    await bob.join(roomJid, 'bob');
    await alice.setAffiliation(roomJid, 'bob@localhost', 'admin');
    await expectRow('affiliations', {
      ...newRow('affiliations'),
      occupants: 2,
      moderators: 2,
      admins: 1,
    });
    await alice.setAffiliation(roomJid, 'absent@example.org', 'member');
    await alice.setAffiliation(roomJid, 'ünïcode@example.org', 'owner');
    await expectRow('affiliations', {
      ...newRow('affiliations'),
      occupants: 2,
      moderators: 2,
      admins: 1,
      members: 1,
      owners: 2,
    });
    await alice.setAffiliation(roomJid, 'bob@localhost', 'none');
    await alice.setAffiliation(roomJid, 'absent@example.org', 'none');
    await alice.setAffiliation(roomJid, 'ünïcode@example.org', 'none');
    await expectRow('affiliations', { ...newRow('affiliations'), occupants: 2, participants: 1 });
  });
});

describe('what a room says of itself', () => {
  test('name, description, and the date of the change', async () => {
    const roomJid = await makeRoom('configured');
    await alice.configure(roomJid, {
      'muc#roomconfig_roomname': 'Ünï <&> \u{1f600}',
      'muc#roomconfig_roomdesc': 'What it is for',
    });
    const row = await expectRow('configured', {
      ...newRow('configured'),
      name: 'Ünï <&> \u{1f600}',
      description: 'What it is for',
    });
    expect(row.modificationDate > row.creationDate).toBe(true);
    await alice.configure(roomJid, {
      'muc#roomconfig_roomname': '',
      'muc#roomconfig_roomdesc': '',
    });
    await expectRow('configured', newRow('configured'));
  });

  test('the subject, set and taken away, by somebody who is a moderator', async () => {
    const roomJid = await makeRoom('subject');
    await alice.setSubject(roomJid, 'It\u2019s about <this>');
    await expectRow('subject', { ...newRow('subject'), subject: 'It\u2019s about <this>' });
    await alice.setSubject(roomJid, '');
    await expectRow('subject', newRow('subject'));
  });

  test('a room with a password is read like any other', async () => {
    const roomJid = await makeRoom('secret');
    await alice.configure(roomJid, {
      'muc#roomconfig_roomsecret': 'sesame',
      'muc#roomconfig_persistentroom': '1',
    });
    await stack.waitForRow('secret', (row) => row.modificationDate > row.creationDate);
    await stack.tracker.stop();
    stack.tracker.start();
    await stack.waitUntilStale();
    await stack.waitUntilLive();
    await expectRow('secret', newRow('secret'));
  });
});

describe('destroy and recreate', () => {
  test('a destroyed room is gone; one of the same name is another room', async () => {
    const roomJid = await makeRoom('again');
    const first = await stack.waitForRow('again');
    await alice.destroy(roomJid);
    await stack.waitUntilGone('again');
    await bob.join(roomJid, 'bob');
    const second = await stack.waitForRow('again');
    expect(second).toEqual(newRow('again'));
    expect(second.creationDate > first.creationDate).toBe(true);
  });

  test('the tombstone of a persistent room is no room', async () => {
    const roomJid = await makeRoom('tombstone');
    await alice.configure(roomJid, { 'muc#roomconfig_persistentroom': '1' });
    await alice.destroy(roomJid);
    await stack.waitUntilGone('tombstone');
    await expect(alice.discoInfo(roomJid)).rejects.toMatchObject({ condition: 'gone' });
    await makeRoom('after-tombstone');
    expect(await stack.row('tombstone')).toBeUndefined();
    await expect(alice.discoInfo(roomJid)).rejects.toMatchObject({ condition: 'gone' });
  });
});

describe('names', () => {
  test.each([
    ['a site\u2019s suffix, normalised by the server', 'lobby|Site.A', 'lobby|site.a'],
    ['non-ASCII', 'Ünïcödé-漢字', 'ünïcödé-漢字'],
    ['escaped (XEP-0106)', 'a\\20b\\40c', 'a\\20b\\40c'],
  ])('%s', async (_what, localpart, roomId) => {
    const carol = await stack.connect();
    // The client waits for the JID as it wrote it; the server answers with its own form.
    const joining = carol.join(stack.roomJid(localpart), 'carol').catch(() => undefined);
    expect(await stack.waitForRow(roomId)).toEqual(newRow(roomId));
    carol.abort();
    await joining;
  });
});

/**
 * COMPAT(prosody 0.12): its file storage cannot look for a room whose file name would be longer
 * than the file system allows (255 bytes, non-ASCII counting three), and answers with an error.
 */
test('a name of 1,023 bytes, where the server can keep it', async () => {
  const other = await startStack({ prosody: { extraMucConfig: 'storage = "memory"' } });
  try {
    const roomId = 'x'.repeat(1023);
    const carol = await other.connect(0);
    await carol.join(other.roomJid(roomId), 'carol');
    expect(await other.waitForRow(roomId)).toEqual(newRow(roomId));
  } finally {
    await other.stop();
  }
}, 60_000);

test('nobody sees the tracker in a count', async () => {
  const roomJid = await makeRoom('uncounted');
  await expectRow('uncounted', newRow('uncounted'));
  const { fields } = await alice.discoInfo(roomJid);
  // The server counts the tracker; the list does not.
  expect(fields.get('muc#roominfo_occupants')).toEqual(['2']);
});
