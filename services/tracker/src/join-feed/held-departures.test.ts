import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { parseRoomPresence } from '@conference/muc-stanza';
import { parse } from 'ltx';
import { HeldDepartures, HOLD_MS, looksLikeServerStop } from './held-departures.js';

describe('a departure looks like a server stop', () => {
  function looks(statusText: string, code?: number): boolean {
    const presence = parseRoomPresence(
      parse(
        `<presence type='unavailable' from='tea@conference.localhost/A'>` +
          `<status>${statusText}</status><x xmlns='http://jabber.org/protocol/muc#user'>` +
          `${code === undefined ? '' : `<status code='${code}'/>`}` +
          `<item affiliation='none' role='none'/></x></presence>`,
      ),
    );
    if (presence?.kind !== 'unavailable') throw new Error('no departure');
    return looksLikeServerStop(presence);
  }

  test.each([
    ['Disconnected: Received SIGTERM', undefined],
    ['Disconnected: Received SIGINT', undefined],
    ['Disconnected: Shutdown', undefined],
    ['', 332],
  ])('with the text "%s" and the status %p', (statusText, code) => {
    expect(looks(statusText, code)).toBe(true);
  });

  test.each([
    ['', undefined],
    ['bye', undefined],
    ['Disconnected: Replaced by new connection', undefined],
    ['I was Disconnected: Received SIGTERM', undefined],
    ['', 307],
    ['', 333],
  ])('but not with the text "%s" and the status %p', (statusText, code) => {
    expect(looks(statusText, code)).toBe(false);
  });
});

describe('a departure on hold', () => {
  let held: HeldDepartures;
  let departed: string[];

  beforeEach(() => {
    jest.useFakeTimers();
    held = new HeldDepartures();
    departed = [];
  });

  afterEach(() => {
    held.dropAll();
    jest.useRealTimers();
  });

  function hold(nick: string): void {
    held.hold(nick, () => departed.push(nick));
  }

  test('happens after the time, once', () => {
    hold('Alice');
    jest.advanceTimersByTime(HOLD_MS - 1);
    expect(departed).toEqual([]);
    jest.advanceTimersByTime(HOLD_MS * 3);
    expect(departed).toEqual(['Alice']);
  });

  test('that is held again begins anew', () => {
    hold('Alice');
    jest.advanceTimersByTime(HOLD_MS - 1);
    hold('Alice');
    jest.advanceTimersByTime(HOLD_MS - 1);
    expect(departed).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(departed).toEqual(['Alice']);
  });

  test('is dropped alone', () => {
    hold('Alice');
    hold('__proto__');
    held.drop('Alice');
    held.drop('nobody');
    jest.advanceTimersByTime(HOLD_MS);
    expect(departed).toEqual(['__proto__']);
  });

  test('is dropped with all others, and leaves no timer', () => {
    hold('Alice');
    hold('Bob');
    held.dropAll();
    expect(jest.getTimerCount()).toBe(0);
    jest.advanceTimersByTime(HOLD_MS);
    expect(departed).toEqual([]);
  });

  test('may drop the others when it happens', () => {
    held.hold('Alice', () => {
      departed.push('Alice');
      held.dropAll();
    });
    hold('Bob');
    jest.advanceTimersByTime(HOLD_MS * 2);
    expect(departed).toEqual(['Alice']);
  });
});
