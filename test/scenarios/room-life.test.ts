/** What people do in a room, each step against the whole row, on every backend. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { onEachBackend } from '../backends/all-backends.js';
import type { ChatClient } from '../support/chat-client.js';
import { ANY_DATE, type ExpectedRow, RoomScenario } from '../support/room-scenario.js';
import { eventually } from '../support/eventually.js';
import { type Stack, startStack } from '../support/stack.js';
import { startStackWithPeople } from '../support/stack-with-people.js';

onEachBackend((backend) => {
  let stack: Stack;
  let scenario: RoomScenario;
  /** The first account makes the rooms and so owns them. */
  let alice: ChatClient;
  let bob: ChatClient;

  beforeAll(async () => {
    ({ stack, alice, bob } = await startStackWithPeople(backend));
    scenario = new RoomScenario(stack, alice, backend.quirks);
  }, 60_000);

  afterAll(() => stack.stop(), 30_000);

  const newRow = (roomId: string): ExpectedRow => scenario.newRow(roomId);
  const expectRow = (roomId: string, row: ExpectedRow) => scenario.expectRow(roomId, row);
  const makeRoom = (roomId: string) => scenario.makeRoom(roomId);

  describe('coming and going', () => {
    test('a new temporary room appears with its maker as owner and moderator', async () => {
      const roomJid = await makeRoom('made');
      const { features } = await alice.discoInfo(roomJid);
      expect(features).toContain(backend.quirks.isPublicByDefault ? 'muc_public' : 'muc_hidden');
      expect(features).toContain('muc_temporary');
    });

    test('a room that is listed to nobody else is listed here', async () => {
      const roomJid = await makeRoom('hidden');
      await alice.configure(roomJid, { 'muc#roomconfig_publicroom': '0' });
      expect((await alice.discoInfo(roomJid)).features).toContain('muc_hidden');
      const stranger = await stack.connect();
      expect(await stranger.discoItems(stack.server.mucService)).not.toContain(roomJid);
      // A tracker that begins now must find it too.
      await stack.tracker.stop();
      stack.tracker.start();
      await stack.waitUntilStale();
      await stack.waitUntilLive();
      await expectRow('hidden', newRow('hidden'));
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

    test('a banned domain is one entry, whomever it puts out', async () => {
      const roomJid = await makeRoom('domain-ban');
      const carol = await stack.connect();
      await carol.join(roomJid, 'carol');
      await expectRow('domain-ban', { ...newRow('domain-ban'), occupants: 2, participants: 1 });
      await alice.setAffiliation(roomJid, 'anon.localhost', 'outcast');
      const left = backend.quirks.ejectsBannedDomain ? 0 : 1;
      await expectRow('domain-ban', {
        ...newRow('domain-ban'),
        outcasts: 1,
        occupants: 1 + left,
        participants: left,
      });
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
      const participants = backend.quirks.roleOfDismissedAdmin === 'participant' ? 1 : 0;
      await expectRow('affiliations', { ...newRow('affiliations'), occupants: 2, participants });
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

    test('what is left of a destroyed persistent room is no room', async () => {
      const roomJid = await makeRoom('tombstone');
      await alice.configure(roomJid, { 'muc#roomconfig_persistentroom': '1' });
      await alice.destroy(roomJid);
      await stack.waitUntilGone('tombstone');
      const condition = backend.quirks.destroyedCondition;
      await expect(alice.discoInfo(roomJid)).rejects.toMatchObject({ condition });
      await makeRoom('after-tombstone');
      expect(await stack.row('tombstone')).toBeUndefined();
      await expect(alice.discoInfo(roomJid)).rejects.toMatchObject({ condition });
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

  test('a name of 1,023 bytes, where the server can keep it', async () => {
    const other = await startStack(backend, { hasLongNames: true });
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
    // The server may count the tracker; the list does not.
    const counted = backend.quirks.countsTracker ? '2' : '1';
    expect(fields.get('muc#roominfo_occupants')).toEqual([counted]);
  });

  test('the audit, which looked at rooms all the time, found nothing to be wrong', async () => {
    const countAudited = () => stack.readCount('conference_tracker_audited_rooms_total');
    const before = await countAudited();
    const { rooms } = await stack.list();
    // Twice through all: whatever it suspected before is settled by then.
    await eventually(countAudited, (count) => count >= before + 2 * rooms.length, {
      what: 'every room to be looked at',
      timeoutMs: 30_000,
    });
    expect(await stack.readCount('conference_tracker_audit_drift_total')).toBe(0);
  }, 40_000);
});
