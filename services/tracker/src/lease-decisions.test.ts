import { describe, expect, test } from '@jest/globals';
import { courtesyMs, isSurplus, othersAlive, untilNextLookMs } from './lease-decisions.js';

const others = (...followed: number[]) =>
  followed.map((count, index) => ({ tracker: `other${index}`, followed: count, ageMs: 0 }));

describe('the others that are alive', () => {
  test('are those who said so within the time of a lease, and not we', () => {
    const trackers = [
      { tracker: 'own', followed: 1, ageMs: 0 },
      { tracker: 'fresh', followed: 0, ageMs: 3_000 },
      { tracker: 'silent', followed: 0, ageMs: 3_001 },
    ];
    const alive = othersAlive({ holder: undefined, epoch: 1, trackers }, 'own', 3_000);
    expect(alive.map(({ tracker }) => tracker)).toEqual(['fresh']);
  });
});

describe('a free lease', () => {
  test('is taken at once by one that is alone, however much it follows', () => {
    expect(courtesyMs([], 5, 250)).toBe(0);
  });

  test('is left to others by one look for each service that we follow more', () => {
    expect(courtesyMs(others(3, 1), 3, 250)).toBe(500);
    expect(courtesyMs(others(4), 3, 250)).toBe(0);
  });
});

describe('who waits for a lease', () => {
  const until = (remainingMs: number) =>
    untilNextLookMs(
      { holder: { tracker: 'one', instance: '1', remainingMs }, epoch: 1, trackers: [] },
      250,
    );

  test('looks now and then, and just when the lease would end', () => {
    expect(until(3_000)).toBe(250);
    expect(until(100)).toBe(101);
    expect(until(0)).toBe(1);
  });

  test('looks now and then where nobody holds it, or the lease does not end by itself', () => {
    expect(untilNextLookMs(undefined, 250)).toBe(250);
    expect(untilNextLookMs({ holder: undefined, epoch: 0, trackers: [] }, 250)).toBe(250);
    expect(until(-1)).toBe(250);
  });
});

describe('a service', () => {
  test('is handed on only where that evens things out', () => {
    expect(isSurplus([], 4)).toBe(false);
    expect(isSurplus(others(3), 4)).toBe(false);
    expect(isSurplus(others(4, 2), 4)).toBe(true);
  });
});
