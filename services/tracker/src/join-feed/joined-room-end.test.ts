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

describe('when the last one leaves', () => {
  test('a temporary room is abandoned, and no zero is told', () => {
    rig.enter(['Alice']);
    rig.leaves('Alice');
    expect([rig.ends, rig.events]).toEqual([['abandoned'], []]);
    expect(rig.joined.room.toRow()).toMatchObject({ occupants: 1 });
    expect(rig.joined.isIn).toBe(true);
  });

  test('a persistent room is empty', () => {
    rig.enter(['Alice'], true);
    rig.leaves('Alice');
    expect([rig.ends, rig.kinds()]).toEqual([[], ['occupant-left']]);
    expect(rig.joined.room.toRow().emptyDate).toBe('1970-01-01T00:00:02.000Z');
  });

  test('a room that hides people may have others in it', () => {
    rig.enter(['Alice']);
    const configuration = { name: '', description: '', maxUsers: 0, isPersistent: false };
    const hiddenRoles = ['visitor'] as const;
    rig.joined.applyRead({
      kind: 'configuration-read',
      configuration: { ...configuration, hiddenRoles },
    });
    rig.leaves('Alice');
    expect([rig.ends, rig.nicksIn()]).toEqual([[], []]);
  });

  test('a room whose configuration is being read waits for what it says', () => {
    rig.enter(['Alice']);
    rig.joined.beginConfigurationRead();
    rig.leaves('Alice');
    expect(rig.ends).toEqual([]);
    rig.configure(true);
    rig.joined.endConfigurationRead();
    expect(rig.ends).toEqual([]);
    rig.joined.beginConfigurationRead();
    rig.joined.beginConfigurationRead();
    rig.configure(false);
    rig.joined.endConfigurationRead();
    expect(rig.ends).toEqual([]);
    rig.joined.endConfigurationRead();
    expect(rig.ends).toEqual(['abandoned']);
  });

  test('a nick change of the only occupant is no end', () => {
    rig.enter(['Alice']);
    rig.leaves('Alice', { role: 'participant', codes: [303], newNick: 'Alicia' });
    expect([rig.ends, rig.nicksIn()]).toEqual([[], ['Alicia']]);
  });

  test('another tracker that is still in keeps us in: our going would end nothing', () => {
    const jids = [`${OTHER_TRACKER_DOMAIN}/conference`];
    rig.enter(['Alice']);
    rig.shows('hung', { role: 'moderator', affiliation: 'owner', jids });
    expect(rig.joined.isHindered).toBe(false);
    rig.leaves('Alice');
    expect([rig.ends, rig.nicksIn(), rig.joined.isHindered]).toEqual([[], [], true]);
    rig.leaves('hung', { affiliation: 'owner', jids });
    expect([rig.ends, rig.joined.isHindered]).toEqual([['abandoned'], false]);
  });

  test('that it is gone, or there, is told by the role lists of a room that hides it', () => {
    const other = (nick: string) => ({
      nick,
      role: 'moderator' as const,
      affiliation: 'owner' as const,
      bareJid: OTHER_TRACKER_DOMAIN,
    });
    rig.enter([]);
    rig.shows('hung', { role: 'moderator', jids: [`${OTHER_TRACKER_DOMAIN}/conference`] });
    rig.joined.others.listings.applyRole('participant', []);
    expect(rig.joined.isOtherTracker('hung')).toBe(true);
    rig.joined.others.listings.applyRole('moderator', [other('late')]);
    expect(['hung', 'late'].map((nick) => rig.joined.isOtherTracker(nick))).toEqual([false, true]);

    const told = rig.joined.others.listings.begin();
    rig.shows('told', { role: 'moderator', jids: [`${OTHER_TRACKER_DOMAIN}/conference`] });
    rig.leaves('late', { jids: [`${OTHER_TRACKER_DOMAIN}/conference`] });
    rig.joined.others.listings.end(told, [other('late')]);
    expect(['late', 'told'].map((nick) => rig.joined.isOtherTracker(nick))).toEqual([false, true]);
  });

  test('its nick may be somebody else’s afterwards', () => {
    const jids = [`${OTHER_TRACKER_DOMAIN}/conference`];
    rig.enter([]);
    rig.shows('hung', { role: 'moderator', jids });
    expect(rig.joined.isOtherTracker('hung')).toBe(true);
    rig.shows('hung', { jids: ['bob@localhost/phone'] });
    expect([rig.joined.isOtherTracker('hung'), rig.nicksIn()]).toEqual([false, ['hung']]);
  });

  test('a room that is configured, or that another tracker enters, while we leave goes on', () => {
    rig.enter(['Alice']);
    rig.leaves('Alice');
    rig.joined.beginLeaving();
    rig.joined.handleMessage({ kind: 'configuration-changed', roomId: 'tea' });
    expect(rig.joined.wentOnWhileLeaving).toBe(true);

    const other = new JoinedRoomRig();
    other.enter(['Alice']);
    other.leaves('Alice');
    other.joined.beginLeaving();
    other.shows('hung', { role: 'moderator', jids: [`${OTHER_TRACKER_DOMAIN}/conference`] });
    expect([other.joined.wentOnWhileLeaving, other.otherTrackers]).toEqual([true, []]);
  });

  test('we may be in from the moment at which we ask for it until we know that we are out', () => {
    expect(rig.joined.mayBeIn).toBe(false);
    rig.joined.beginJoin(OWN_NICK);
    expect([rig.joined.mayBeIn, rig.joined.isIn]).toEqual([true, false]);
    rig.showsUs();
    rig.leavesUs();
    expect(rig.joined.mayBeIn).toBe(false);
  });

  test('somebody who comes while we leave is noticed', () => {
    rig.enter(['Alice']);
    rig.leaves('Alice');
    rig.joined.beginLeaving();
    expect(rig.joined.wentOnWhileLeaving).toBe(false);
    rig.shows('Bob');
    expect(rig.joined.wentOnWhileLeaving).toBe(true);
    expect(rig.events).toEqual([]);
    rig.ends.splice(0);
    rig.leavesUs();
    expect(rig.ends).toHaveLength(1);
  });
});

describe('our own end', () => {
  beforeEach(() => rig.enter(['Alice']));

  test('by a kick is a loss', () => {
    rig.leavesUs({ codes: [110, 307] });
    expect([rig.ends, rig.joined.isIn, rig.nicksIn()]).toEqual([['lost'], false, ['Alice']]);
  });

  test('by losing the right to see JIDs is a demotion', () => {
    rig.showsUs({ role: 'visitor' });
    expect(rig.ends).toEqual(['demoted']);
  });

  test('by losing that right while the room is read is one as well', () => {
    rig = new JoinedRoomRig();
    rig.joined.beginJoin(OWN_NICK);
    rig.showsUs();
    rig.showsUs({ role: 'participant' });
    rig.joined.goLive();
    expect(rig.ends).toEqual(['demoted']);
  });

  test('is no demotion of somebody who never had the right', () => {
    rig = new JoinedRoomRig();
    rig.joined.beginJoin(OWN_NICK);
    rig.showsUs({ role: 'participant' });
    rig.joined.goLive();
    rig.showsUs({ role: 'visitor' });
    expect(rig.ends).toEqual([]);
  });

  test('is no nick change of ours', () => {
    rig.leavesUs({ role: 'moderator', codes: [303, 110], newNick: 'tracker-2' });
    rig.shows('tracker-2', { role: 'moderator', jids: [OWN_JID], codes: [110] });
    expect([rig.ends, rig.joined.nick, rig.nicksIn()]).toEqual([[], 'tracker-2', ['Alice']]);
  });

  test('with the room is its destruction', () => {
    rig.leavesUs({ inner: '<destroy/>' });
    expect([rig.ends, rig.events]).toEqual([['destroyed'], []]);
  });

  test('with the room on ejabberd: no 110, no JID', () => {
    rig.leaves(OWN_NICK, { jids: [], inner: '<destroy/>' });
    expect([rig.ends, rig.events]).toEqual([['destroyed'], []]);
  });

  test('with the room, told by the room itself', () => {
    rig.handleXml(
      `<presence type='unavailable' from='tea@conference.localhost'>` +
        `<x xmlns='http://jabber.org/protocol/muc#user'><destroy/></x></presence>`,
    );
    expect([rig.ends, rig.events]).toEqual([['destroyed'], []]);
  });

  test('is told once, however often the server tells it', () => {
    rig.leavesUs({ inner: '<destroy/>' });
    rig.leavesUs({ inner: '<destroy/>' });
    rig.leavesUs();
    expect(rig.ends).toEqual(['destroyed']);
  });

  test('is the end: nothing is told afterwards', () => {
    rig.joined.end();
    rig.shows('Bob');
    rig.leaves('Alice');
    rig.leavesUs();
    rig.joined.handleMessage({ kind: 'subject', roomId: 'tea', subject: 'x' });
    rig.joined.handleMessage({ kind: 'configuration-changed', roomId: 'tea' });
    rig.joined.applyRead({ kind: 'subject-set', subject: 'y' });
    expect([rig.events, rig.ends, rig.configurationReads]).toEqual([[], [], 0]);
    expect(rig.joined.room.toRow()).toMatchObject({ occupants: 1, subject: '' });
  });

  test('of another occupant with a destroyed room is no departure', () => {
    rig.leaves('Alice', { inner: '<destroy/>' });
    expect([rig.ends, rig.events]).toEqual([[], []]);
  });
});
