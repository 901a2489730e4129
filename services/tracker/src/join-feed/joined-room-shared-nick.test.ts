import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Occupant } from '@conference/muc';
import {
  JoinedRoomRig,
  OTHER_TRACKER_DOMAIN,
  OWN_NICK,
} from '../../../../test/support/joined-room-rig.js';
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
    expect(rig.joined.others.sharing).toBe('unknown');
    rig.leaves('Bob');
    expect([rig.sharedDepartures, rig.nicksIn()]).toEqual([['Bob'], ['Alice', 'Bob']]);
    rig.list();
    expect(rig.joined.others.sharing).toBe('none');
    rig.leaves('Bob');
    expect([rig.sharedDepartures, rig.nicksIn()]).toEqual([['Bob'], ['Alice']]);
  });

  test('is asked for, and nothing else before somebody else is there', () => {
    rig.joined.others.listings.applyRole('participant', [ALICE]);
    expect(rig.joined.others.sharing).toBe('none');
    rig.leaves('Alice');
    expect([rig.sharedDepartures, rig.nicksIn()]).toEqual([['Alice'], ['Alice']]);
    rig.shows('Carol');
    expect(rig.joined.others.sharing).toBe('unknown');
  });

  test('is asked for also later, where a role list has it twice', () => {
    rig.list(ALICE);
    expect(rig.joined.others.sharing).toBe('some');
    rig.leaves('Bob');
    rig.leaves('Alice');
    expect([rig.sharedDepartures, rig.nicksIn()]).toEqual([['Alice'], ['Alice']]);
  });
});

test('whoever a role list misses may be gone with a server that stops', () => {
  rig.joined.others.listings.applyRole('participant', [ALICE]);
  expect([rig.doubted, rig.nicksIn()]).toEqual([['Bob'], ['Alice']]);
});

test('no tracker that a role list names is in the room', () => {
  const tracker = { ...ALICE, nick: OWN_NICK, bareJid: OTHER_TRACKER_DOMAIN };
  rig.joined.others.listings.applyRole('participant', [ALICE, BOB, tracker]);
  rig.list(tracker);
  expect([rig.events, rig.nicksIn()]).toEqual([[], ['Alice', 'Bob']]);
});

test('whoever is on hold, as the server may be stopping, is missed by no list', () => {
  rig.leaves('Bob', { codes: [332] });
  rig.joined.others.listings.applyRole('participant', [ALICE]);
  rig.joined.others.listings.end(rig.joined.others.listings.begin(), [ALICE]);
  expect([rig.events, rig.nicksIn()]).toEqual([[], ['Alice', 'Bob']]);
  jest.advanceTimersByTime(HOLD_MS);
  expect(rig.nicksIn()).toEqual(['Alice']);
});

describe('sessions with different roles on one nick', () => {
  const MODERATOR = { ...ALICE, role: 'moderator' } as const;
  const list = (...people: readonly Occupant[]): void => {
    const { listings } = rig.joined.others;
    listings.end(listings.begin(), people);
  };

  test('are one occupant, in the role that was shown last', () => {
    rig.shows('Alice', { jids: ['alice@localhost/desk'], role: 'moderator' });
    expect(rig.joined.others.sharing).toBe('mixed');
    list(ALICE, MODERATOR, BOB);
    list(MODERATOR, ALICE, BOB);
    expect(rig.joined.others.sharing).toBe('mixed');
    expect(rig.joined.room.toRow()).toMatchObject({ occupants: 2, moderators: 1 });
    expect(rig.kinds()).toEqual(['occupant-present']);
  });

  test('as well where a session takes the nick that another of the same user has', () => {
    rig.joined.others.listings.applyRole('participant', [ALICE, BOB]);
    rig.shows('Ali', { jids: ['alice@localhost/car'], role: 'moderator' });
    expect(rig.joined.others.sharing).toBe('some');
    rig.leaves('Ali', { codes: [303], newNick: 'Alice', role: 'moderator' });
    rig.shows('Alice', { jids: ['alice@localhost/car'], role: 'moderator' });
    expect([rig.joined.others.sharing, rig.nicksIn()]).toEqual(['mixed', ['Alice', 'Bob']]);
  });

  test('and when the one leaves that was shown, in the other role', () => {
    list(MODERATOR, ALICE, BOB);
    expect([rig.events, rig.joined.others.sharing]).toEqual([[], 'mixed']);
    list(MODERATOR, BOB);
    expect(rig.joined.others.sharing).toBe('some');
    expect(rig.joined.room.toRow()).toMatchObject({ occupants: 2, moderators: 1 });
  });

  test('whoever is told of while all are listed is left as told', () => {
    const { listings } = rig.joined.others;
    const told = listings.begin();
    rig.leaves('Bob');
    rig.shows('Carol');
    listings.end(told, [ALICE, BOB]);
    expect(rig.nicksIn()).toEqual(['Alice', 'Carol']);
  });
});

describe('the departure of a nick that two sessions share', () => {
  test('is asked for and not believed', () => {
    rig.leaves('Alice', { jids: ['alice@localhost/desk'] });
    jest.advanceTimersByTime(UNSAID_HOLD_MS);
    expect([rig.sharedDepartures, rig.nicksIn()]).toEqual([['Alice'], ['Alice', 'Bob']]);
  });

  test('is none while a session is listed', () => {
    rig.leaves('Alice', { jids: ['alice@localhost/desk'] });
    rig.joined.others.listings.applyRole('participant', [ALICE, BOB]);
    expect([rig.events, rig.nicksIn()]).toEqual([[], ['Alice', 'Bob']]);
  });

  test('is one when no session is listed', () => {
    rig.leaves('Alice', { jids: ['alice@localhost/desk'], isUnsaid: true });
    rig.joined.others.listings.applyRole('participant', [BOB]);
    expect(rig.events).toEqual([{ kind: 'occupant-left', nick: 'Alice' }]);
  });

  test('ends a temporary room only when it is the last one', () => {
    rig.leaves('Bob');
    rig.leaves('Alice', { jids: ['alice@localhost/desk'] });
    expect(rig.ends).toEqual([]);
    rig.joined.others.listings.applyRole('participant', []);
    rig.joined.endIfAbandoned();
    expect(rig.ends).toEqual(['abandoned']);
  });
});
