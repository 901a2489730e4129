import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { JoinedRoomRig, OWN_NICK } from '../../../../test/support/joined-room-rig.js';
import type { Shown } from '../../../../test/support/joined-room-rig.js';
import { HOLD_MS, UNSAID_HOLD_MS } from './held-departures.js';

const STOP_TEXT = 'Disconnected: Received SIGTERM';

let rig: JoinedRoomRig;

beforeEach(() => {
  jest.useFakeTimers();
  rig = new JoinedRoomRig();
});

afterEach(() => {
  rig.joined.end();
  jest.useRealTimers();
});

describe('departures that look like a server stop', () => {
  const stops: [string, Shown][] = [
    ['by the status text', { statusText: STOP_TEXT }],
    ['by status 332', { codes: [332] }],
  ];

  test.each(stops)('%s are believed only after some time', (_how, shown) => {
    rig.enter(['Alice', 'Bob']);
    rig.leaves('Alice', shown);
    jest.advanceTimersByTime(HOLD_MS - 1);
    expect(rig.events).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(rig.events).toEqual([{ kind: 'occupant-left', nick: 'Alice' }]);
  });

  test('are forgotten when the link goes', () => {
    rig.enter(['Alice', 'Bob']);
    rig.leaves('Alice', { statusText: STOP_TEXT });
    rig.leaves('Bob', { statusText: STOP_TEXT });
    rig.leavesUs({ statusText: STOP_TEXT });
    rig.joined.end();
    jest.advanceTimersByTime(HOLD_MS * 2);
    expect([rig.events, rig.ends]).toEqual([[], []]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('are forgotten when the nick is there again', () => {
    rig.enter(['Alice', 'Bob']);
    rig.leaves('Bob', { statusText: STOP_TEXT });
    rig.shows('Bob');
    jest.advanceTimersByTime(HOLD_MS * 2);
    expect(rig.nicksIn()).toEqual(['Alice', 'Bob']);
  });

  test('of everybody, the link staying, abandon the room in the end', () => {
    rig.enter(['Alice', 'Bob']);
    rig.leaves('Alice', { statusText: STOP_TEXT });
    rig.leaves('Bob', { statusText: STOP_TEXT });
    jest.advanceTimersByTime(HOLD_MS);
    expect([rig.kinds(), rig.ends]).toEqual([['occupant-left'], ['abandoned']]);
  });

  test('by forged text delay nobody else', () => {
    rig.enter(['Alice', 'Bob', 'Carol']);
    rig.leaves('Alice', { statusText: STOP_TEXT });
    rig.leaves('Bob', { statusText: 'bye' });
    expect(rig.events).toEqual([{ kind: 'occupant-left', nick: 'Bob' }]);
  });

  test('of our own end our following only after some time', () => {
    rig.enter(['Alice']);
    rig.leavesUs({ statusText: STOP_TEXT });
    expect(rig.ends).toEqual([]);
    jest.advanceTimersByTime(HOLD_MS);
    expect(rig.ends).toEqual(['lost']);
  });

  test('do not come out of a join that began meanwhile', () => {
    rig.enter(['Alice', 'Bob'], true);
    rig.leaves('Bob', { statusText: STOP_TEXT });
    rig.joined.beginJoin(OWN_NICK);
    rig.shows('Alice');
    rig.showsUs();
    expect(rig.nicksIn()).toEqual(['Alice']);
    jest.advanceTimersByTime(HOLD_MS);
    expect([rig.nicksIn(), rig.ends]).toEqual([['Alice'], []]);
  });
});

describe('departures that nobody has said', () => {
  test('are believed within the time in which every event must be seen, and in doubt', () => {
    rig.enter(['Alice', 'Bob']);
    rig.leaves('Alice', { isUnsaid: true });
    expect(rig.events).toEqual([]);
    jest.advanceTimersByTime(UNSAID_HOLD_MS);
    expect(rig.events).toEqual([{ kind: 'occupant-left', nick: 'Alice' }]);
    expect(rig.doubted).toEqual(['Alice']);
    expect(UNSAID_HOLD_MS).toBeLessThan(40);
  });

  test('of the last one in a temporary room are in doubt as well', () => {
    rig.enter(['Alice']);
    rig.leaves('Alice', { isUnsaid: true });
    jest.advanceTimersByTime(UNSAID_HOLD_MS);
    expect([rig.doubted, rig.kinds(), rig.ends]).toEqual([['Alice'], [], ['abandoned']]);
  });

  test('are forgotten when the link goes, or the nick is there again', () => {
    rig.enter(['Alice', 'Bob']);
    rig.leaves('Alice', { isUnsaid: true });
    rig.shows('Alice');
    rig.leaves('Bob', { isUnsaid: true });
    rig.joined.end();
    jest.advanceTimersByTime(UNSAID_HOLD_MS * 2);
    expect([rig.kinds(), rig.doubted]).toEqual([[], []]);
  });

  test('that somebody has said are believed at once, without doubt', () => {
    rig.enter(['Alice', 'Bob']);
    rig.leaves('Alice');
    expect([rig.kinds(), rig.doubted]).toEqual([['occupant-left'], []]);
  });
});
