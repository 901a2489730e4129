import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  JoinedRoomRig,
  OTHER_TRACKER_DOMAIN,
  OWN_JID,
  OWN_NICK,
} from '../../../../test/support/joined-room-rig.js';

let rig: JoinedRoomRig;

beforeEach(() => {
  rig = new JoinedRoomRig();
});

afterEach(() => rig.joined.end());

describe('a join', () => {
  beforeEach(() => rig.joined.beginJoin(OWN_NICK));

  test('takes everybody who is shown before us, one for each nick, and not us', () => {
    rig.shows('Alice', { jids: ['alice@localhost/phone', 'alice@localhost/laptop'] });
    rig.shows('Bob', { role: 'visitor' });
    expect(rig.answers).toEqual([]);
    rig.showsUs();
    expect(rig.answers).toEqual([{ kind: 'joined', wasCreated: false }]);
    expect(rig.nicksIn()).toEqual(['Alice', 'Bob']);
    expect([rig.joined.isIn, rig.joined.isLive, rig.events]).toEqual([true, false, []]);
  });

  test('that made the room says so', () => {
    rig.showsUs({ codes: [110, 201] });
    expect(rig.answers).toEqual([{ kind: 'joined', wasCreated: true }]);
  });

  test('goes by the nick that the service gave us', () => {
    rig.shows(`${OWN_NICK}_`, { role: 'moderator', jids: [OWN_JID], codes: [110, 210] });
    expect(rig.joined.nick).toBe(`${OWN_NICK}_`);
    expect(rig.nicksIn()).toEqual([]);
  });

  test('is ours without a 110, by our JID', () => {
    rig.showsUs({ codes: [] });
    expect(rig.answers).toHaveLength(1);
    expect(rig.nicksIn()).toEqual([]);
  });

  test.each([
    ['conflict', `/${OWN_NICK}`],
    ['not-authorized', ''],
  ])('that is refused with %s answers so', (condition, resource) => {
    rig.handleXml(
      `<presence type='error' from='tea@conference.localhost${resource}'><error type='cancel'>` +
        `<${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>`,
    );
    expect(rig.answers).toEqual([{ kind: 'refused', condition }]);
    expect(rig.joined.isIn).toBe(false);
  });

  test('is not refused by an error about another nick', () => {
    rig.handleXml(
      `<presence type='error' from='tea@conference.localhost/earlier'><error type='cancel'>` +
        `<conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>`,
    );
    expect(rig.answers).toEqual([]);
  });

  test('counts nobody who left, and follows those who changed nick, before it was over', () => {
    rig.shows('Alice');
    rig.shows('Bob');
    rig.leaves('Alice');
    rig.leaves('Bob', { role: 'participant', codes: [303], newNick: 'Robert' });
    rig.shows('Robert', { jids: ['bob@localhost/phone'] });
    rig.showsUs();
    expect(rig.nicksIn()).toEqual(['Robert']);
  });

  test('counts no ghost of an earlier link of ours, nor its end', () => {
    rig.shows('old-tracker', { role: 'moderator', jids: ['tracker.localhost/older'] });
    rig.shows('Alice');
    expect(rig.answers).toEqual([]);
    rig.showsUs();
    expect(rig.nicksIn()).toEqual(['Alice']);
    expect(rig.joined.nick).toBe(OWN_NICK);
    rig.joined.goLive();
    rig.leaves('old-tracker', { jids: ['tracker.localhost/older'] });
    expect([rig.events, rig.ends]).toEqual([[], []]);
  });

  test('counts no other tracker, and says that one is there', () => {
    rig.shows('other-tracker', {
      role: 'moderator',
      jids: [`${OTHER_TRACKER_DOMAIN}/conference`],
    });
    rig.shows('Alice');
    rig.showsUs();
    expect(rig.nicksIn()).toEqual(['Alice']);
    expect(rig.otherTrackers).toEqual(['other-tracker']);
    rig.joined.goLive();
    rig.leaves('other-tracker', { jids: [`${OTHER_TRACKER_DOMAIN}/conference`] });
    expect([rig.events, rig.ends]).toEqual([[], []]);
  });

  test('counts nobody whose role is none', () => {
    rig.shows('Alice', { role: 'none' });
    rig.showsUs();
    expect(rig.nicksIn()).toEqual([]);
  });
});

describe('a join while we are in', () => {
  test('drops who is no longer shown, and keeps the others untouched', () => {
    rig.enter(['Alice', 'Bob']);
    rig.joined.beginJoin(OWN_NICK);
    rig.shows('Bob');
    rig.shows('Carol');
    rig.showsUs();
    expect(rig.nicksIn()).toEqual(['Bob', 'Carol']);
    expect(rig.kinds()).toEqual(['occupant-present', 'occupants-confirmed']);
  });
});

test('while the room is read, what happens changes it without being told', () => {
  rig.joined.beginJoin(OWN_NICK);
  rig.shows('Alice');
  rig.showsUs();
  rig.leaves('Alice');
  rig.shows('Bob');
  rig.joined.handleMessage({ kind: 'subject', roomId: 'tea', subject: 'Tea' });
  rig.joined.handleMessage({ kind: 'configuration-changed', roomId: 'tea' });
  expect([rig.events, rig.ends]).toEqual([[], []]);
  expect(rig.joined.room.toRow()).toMatchObject({ occupants: 1, subject: 'Tea' });
  expect(rig.configurationReads).toBe(1);
  rig.leaves('Bob');
  rig.configure(false);
  expect(rig.joined.isAbandoned).toBe(true);
});
