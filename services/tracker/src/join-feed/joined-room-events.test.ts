import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { JoinedRoomRig, OWN_NICK } from '../../../../test/support/joined-room-rig.js';

let rig: JoinedRoomRig;

beforeEach(() => {
  rig = new JoinedRoomRig();
});

afterEach(() => rig.joined.end());

describe('what happens in a room', () => {
  beforeEach(() => rig.enter(['Alice', 'Bob']));

  test('somebody comes, and is told once', () => {
    rig.shows('Carol');
    rig.shows('Carol');
    expect(rig.events).toEqual([
      {
        kind: 'occupant-present',
        occupant: {
          nick: 'Carol',
          role: 'participant',
          affiliation: 'none',
          bareJid: 'carol@localhost',
        },
      },
    ]);
  });

  test('a second session joins a nick, one of them leaves: nothing changes', () => {
    rig.shows('Alice', { jids: ['alice@localhost/phone', 'alice@localhost/laptop'] });
    rig.shows('Alice', { jids: ['alice@localhost/laptop'] });
    expect(rig.events).toEqual([]);
  });

  test('a role changes', () => {
    rig.shows('Bob', { role: 'moderator' });
    expect(rig.kinds()).toEqual(['occupant-present']);
    expect(rig.joined.room.toRow()).toMatchObject({ occupants: 2, moderators: 1, participants: 1 });
  });

  test('a nick changes: never one occupant more or less', () => {
    rig.leaves('Bob', { role: 'participant', codes: [303], newNick: 'Robert' });
    expect(rig.nicksIn()).toEqual(['Alice', 'Robert']);
    rig.shows('Robert', { jids: ['bob@localhost/phone'] });
    expect(rig.events).toEqual([{ kind: 'nick-changed', nick: 'Bob', newNick: 'Robert' }]);
  });

  test('one of two sessions changes its nick: one occupant more', () => {
    rig.shows('Alice', { jids: ['alice@localhost/laptop'] });
    rig.shows('Alicia', { jids: ['alice@localhost/phone'] });
    expect(rig.nicksIn()).toEqual(['Alice', 'Alicia', 'Bob']);
  });

  test.each([
    ['leaves', []],
    ['is kicked', [307]],
    ['is cut off', [307, 333]],
  ])('somebody %s', (_what, codes) => {
    rig.leaves('Bob', { codes });
    rig.leaves('Bob', { codes });
    expect(rig.events).toEqual([{ kind: 'occupant-left', nick: 'Bob' }]);
  });

  test('somebody is banned: gone, and on the list', () => {
    rig.leaves('Bob', { codes: [301], affiliation: 'outcast' });
    expect(rig.events).toEqual([
      { kind: 'occupant-left', nick: 'Bob' },
      { kind: 'affiliation-set', bareJid: 'bob@localhost', affiliation: 'outcast' },
    ]);
    expect(rig.doubts).toEqual(['outcast']);
  });

  test('the subject changes, and is told where it is another', () => {
    rig.joined.handleMessage({ kind: 'subject', roomId: 'tea', subject: 'Tea' });
    rig.joined.handleMessage({ kind: 'subject', roomId: 'tea', subject: 'Tea' });
    expect(rig.events).toEqual([{ kind: 'subject-set', subject: 'Tea' }]);
  });

  test('the configuration changes, and is to be read', () => {
    rig.joined.handleMessage({ kind: 'configuration-changed', roomId: 'tea' });
    expect(rig.kinds()).toEqual(['configuration-changed']);
    expect(rig.configurationReads).toBe(1);
  });

  test('the affiliation of somebody absent changes, and is told where it is another', () => {
    const changes = [{ bareJid: 'dave@localhost', affiliation: 'member' }] as const;
    rig.joined.handleMessage({ kind: 'affiliations', roomId: 'tea', changes });
    rig.joined.handleMessage({ kind: 'affiliations', roomId: 'tea', changes });
    expect(rig.events).toEqual([
      { kind: 'affiliation-set', bareJid: 'dave@localhost', affiliation: 'member' },
    ]);
    expect(rig.doubts).toEqual([]);
  });
});

describe('the affiliations of those present', () => {
  test('that change are taken over at once, and their lists read again', () => {
    rig.enter(['Alice', 'Bob']);
    rig.shows('Bob', { affiliation: 'member' });
    rig.shows('Bob', { affiliation: 'admin', role: 'moderator' });
    expect(rig.kinds()).toEqual([
      'occupant-present',
      'affiliation-set',
      'occupant-present',
      'affiliation-set',
    ]);
    expect([...rig.joined.room.affiliations]).toEqual([['bob@localhost', 'admin']]);
    expect(rig.doubts).toEqual(['member', 'admin,member']);
  });

  test('that no list has are asked for once, and believed of the list', () => {
    rig.enter(['Alice']);
    for (let visit = 0; visit < 3; visit += 1) {
      rig.shows('Root', { affiliation: 'owner', role: 'moderator' });
      rig.leaves('Root', { affiliation: 'owner' });
    }
    expect(rig.doubts).toEqual(['owner']);
    expect(rig.joined.room.affiliations.size).toBe(0);
  });

  test('are compared with the lists as soon as everything is read', () => {
    rig.joined.beginJoin(OWN_NICK);
    rig.shows('Alice', { affiliation: 'owner', role: 'moderator' });
    rig.shows('Bob', { affiliation: 'member' });
    rig.showsUs();
    rig.readLists({ owner: ['alice@localhost'], outcast: ['bob@localhost'] });
    expect(rig.doubts).toEqual([]);
    rig.joined.goLive();
    expect(rig.doubts).toEqual(['member,outcast']);
  });

  test('say nothing where the room does not show the JID', () => {
    rig.enter(['Alice']);
    rig.shows('Ghost', { affiliation: 'owner', jids: [] });
    rig.shows('Ghost', { affiliation: 'admin', jids: [] });
    expect(rig.doubts).toEqual([]);
    expect(rig.joined.room.affiliations.size).toBe(0);
  });

  test('are not lost when a session moves to a nick that its user holds already', () => {
    rig.joined.beginJoin(OWN_NICK);
    for (const nick of ['Alice', 'Alicia']) {
      rig.shows(nick, { affiliation: 'owner', role: 'moderator', jids: ['alice@localhost/phone'] });
    }
    rig.showsUs();
    rig.readLists({ owner: ['alice@localhost'] });
    rig.configure(true);
    rig.joined.goLive();
    rig.list();
    // COMPAT(prosody 0.12): the old nick rig.ends with a payload that has no item.
    rig.handleXml(
      `<presence id='1' type='unavailable' from='tea@conference.localhost/Alicia'>` +
        `<x xmlns='http://jabber.org/protocol/muc#user'/></presence>`,
    );
    expect(rig.events).toEqual([{ kind: 'occupant-left', nick: 'Alicia' }]);
    expect(rig.joined.room.toRow()).toMatchObject({ owners: 1, occupants: 1 });
  });
});
