import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Occupant } from '@conference/muc';
import { JoinedRoomRig, OWN_NICK } from '../../../../test/support/joined-room-rig.js';
import { HOLD_MS, UNSAID_HOLD_MS } from './held-departures.js';

let rig: JoinedRoomRig;

beforeEach(() => {
  jest.useFakeTimers();
  rig = new JoinedRoomRig();
  rig.enter(['Alice', 'Bob']);
  rig.shows('Alice', { jids: ['alice@localhost/desk'] });
});

afterEach(() => {
  rig.joined.end();
  jest.useRealTimers();
});

const ALICE = {
  nick: 'Alice',
  role: 'participant',
  affiliation: 'none',
  bareJid: 'alice@localhost',
} as const;
const BOB = { ...ALICE, nick: 'Bob', bareJid: 'bob@localhost' } as const;

describe('the departure of a nick that was shown for our join', () => {
  beforeEach(() => {
    rig.joined.end();
    rig = new JoinedRoomRig();
    rig.joined.beginJoin(OWN_NICK);
    rig.shows('Alice');
    rig.shows('Bob');
    rig.showsUs();
    rig.joined.goLive();
  });

  test('is asked for and not believed, until all role lists were read', () => {
    expect(rig.joined.sharing).toBe('unknown');
    rig.leaves('Bob');
    expect([rig.doubtfulRoles, rig.nicksIn()]).toEqual([['participant'], ['Alice', 'Bob']]);
    rig.list();
    expect(rig.joined.sharing).toBe('none');
    rig.leaves('Bob');
    expect([rig.doubtfulRoles, rig.nicksIn()]).toEqual([['participant'], ['Alice']]);
  });

  test('is asked for, and nothing else before somebody else is there', () => {
    rig.joined.applyRoleList('participant', [ALICE]);
    expect(rig.joined.sharing).toBe('none');
    rig.leaves('Alice');
    expect([rig.doubtfulRoles, rig.nicksIn()]).toEqual([['participant'], ['Alice']]);
    rig.shows('Carol');
    expect(rig.joined.sharing).toBe('unknown');
  });

  test('is asked for also later, where a role list has it twice', () => {
    rig.list(ALICE);
    expect(rig.joined.sharing).toBe('some');
    rig.leaves('Bob');
    rig.leaves('Alice');
    expect([rig.doubtfulRoles, rig.nicksIn()]).toEqual([['participant'], ['Alice']]);
  });
});

test('whoever a role list misses may be gone with a server that stops', () => {
  rig.joined.applyRoleList('participant', [ALICE]);
  expect([rig.doubted, rig.nicksIn()]).toEqual([['Bob'], ['Alice']]);
});

test('whoever is on hold, as the server may be stopping, is missed by no list', () => {
  rig.leaves('Bob', { codes: [332] });
  rig.joined.applyRoleList('participant', [ALICE]);
  rig.joined.endListing(rig.joined.beginListing(), [ALICE]);
  expect([rig.events, rig.nicksIn()]).toEqual([[], ['Alice', 'Bob']]);
  jest.advanceTimersByTime(HOLD_MS);
  expect(rig.nicksIn()).toEqual(['Alice']);
});

describe('sessions with different roles on one nick', () => {
  const MODERATOR = { ...ALICE, role: 'moderator' } as const;
  const list = (...people: readonly Occupant[]): void => {
    rig.joined.endListing(rig.joined.beginListing(), people);
  };

  test('are one occupant, in the role that was shown last', () => {
    rig.shows('Alice', { jids: ['alice@localhost/desk'], role: 'moderator' });
    expect(rig.joined.sharing).toBe('mixed');
    list(ALICE, MODERATOR, BOB);
    list(MODERATOR, ALICE, BOB);
    expect(rig.joined.sharing).toBe('mixed');
    expect(rig.joined.room.toRow()).toMatchObject({ occupants: 2, moderators: 1 });
    expect(rig.kinds()).toEqual(['occupant-present']);
  });

  test('and when the one leaves that was shown, in the other role', () => {
    list(MODERATOR, ALICE, BOB);
    expect([rig.events, rig.joined.sharing]).toEqual([[], 'mixed']);
    list(MODERATOR, BOB);
    expect(rig.joined.sharing).toBe('some');
    expect(rig.joined.room.toRow()).toMatchObject({ occupants: 2, moderators: 1 });
  });

  test('whoever is told of while all are listed is left as told', () => {
    const told = rig.joined.beginListing();
    rig.leaves('Bob');
    rig.shows('Carol');
    rig.joined.endListing(told, [ALICE, BOB]);
    expect(rig.nicksIn()).toEqual(['Alice', 'Carol']);
  });
});

describe('the departure of a nick that two sessions share', () => {
  test('is asked for and not believed', () => {
    rig.leaves('Alice', { jids: ['alice@localhost/desk'] });
    jest.advanceTimersByTime(UNSAID_HOLD_MS);
    expect([rig.doubtfulRoles, rig.nicksIn()]).toEqual([['participant'], ['Alice', 'Bob']]);
  });

  test('is none while a session is listed', () => {
    rig.leaves('Alice', { jids: ['alice@localhost/desk'] });
    rig.joined.applyRoleList('participant', [ALICE, BOB]);
    expect([rig.events, rig.nicksIn()]).toEqual([[], ['Alice', 'Bob']]);
  });

  test('is one when no session is listed', () => {
    rig.leaves('Alice', { jids: ['alice@localhost/desk'], isUnsaid: true });
    rig.joined.applyRoleList('participant', [BOB]);
    expect(rig.events).toEqual([{ kind: 'occupant-left', nick: 'Alice' }]);
  });

  test('ends a temporary room only when it is the last one', () => {
    rig.leaves('Bob');
    rig.leaves('Alice', { jids: ['alice@localhost/desk'] });
    expect(rig.ends).toEqual([]);
    rig.joined.applyRoleList('participant', []);
    rig.joined.endIfAbandoned();
    expect(rig.ends).toEqual(['abandoned']);
  });
});
