import { beforeEach, describe, expect, test } from '@jest/globals';
import { SharedNicks } from './shared-nicks.js';

let nicks: SharedNicks;

beforeEach(() => {
  nicks = new SharedNicks();
  nicks.see('anna', ['anna@localhost/phone']);
});

describe('a nick is shared', () => {
  test('when another session is shown on it', () => {
    nicks.see('anna', ['anna@localhost/desk']);
    expect(nicks.isShared('anna')).toBe(true);
  });

  test('for good, whichever session is shown next', () => {
    nicks.see('anna', ['anna@localhost/desk']);
    nicks.see('anna', ['anna@localhost/desk']);
    expect(nicks.isShared('anna')).toBe(true);
  });

  test('when a session takes a nick that one of the same user has', () => {
    nicks.see('annie', ['anna@localhost/desk']);
    nicks.move('annie', 'anna');
    expect([nicks.isShared('anna'), nicks.isShared('annie')]).toEqual([true, false]);
  });
});

describe('a nick is not shared', () => {
  test('by a session that is shown again', () => {
    nicks.see('anna', ['anna@localhost/phone']);
    expect(nicks.isShared('anna')).toBe(false);
  });

  test('by a session that takes it along', () => {
    nicks.move('anna', 'annie');
    nicks.see('annie', ['anna@localhost/phone']);
    nicks.see('anna', ['bert@localhost/phone']);
    expect([nicks.isShared('anna'), nicks.isShared('annie')]).toEqual([false, false]);
  });

  test('where the room tells all sessions each time', () => {
    nicks.see('anna', ['anna@localhost/phone', 'anna@localhost/desk']);
    nicks.see('anna', ['anna@localhost/desk']);
    expect(nicks.isShared('anna')).toBe(false);
  });

  test('where the room shows no real JIDs', () => {
    nicks.see('bert', []);
    nicks.see('bert', []);
    expect(nicks.isShared('bert')).toBe(false);
  });

  test('once all are gone', () => {
    nicks.see('anna', ['anna@localhost/desk']);
    nicks.forget('anna');
    nicks.see('anna', ['anna@localhost/car']);
    expect(nicks.isShared('anna')).toBe(false);
  });

  test('in a room that is entered anew', () => {
    nicks.forgetAll();
    nicks.see('anna', ['anna@localhost/desk']);
    expect(nicks.isShared('anna')).toBe(false);
  });
});
