import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { JoinedRoomRig } from '../../../../test/support/joined-room-rig.js';
import { UNSAID_HOLD_MS } from './held-departures.js';

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
