import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { backoffDelayMs } from './backoff.js';

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const options = fc
  .tuple(fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 1, max: 600_000 }))
  .map(([initialMs, extraMs]) => ({ initialMs, maximumMs: initialMs + extraMs }));

test('every delay lies between half of the full one and the full one, and below the cap', () => {
  fc.assert(
    fc.property(fc.nat(), options, chance, (attempt, given, luck) => {
      const fullMs = Math.min(given.maximumMs, given.initialMs * 2 ** attempt);
      const delayMs = backoffDelayMs(attempt, given, luck);
      expect(delayMs).toBeGreaterThanOrEqual(Math.floor(fullMs / 2));
      expect(delayMs).toBeLessThanOrEqual(Math.min(fullMs, given.maximumMs));
      expect(Number.isSafeInteger(delayMs)).toBe(true);
    }),
  );
});

test('it doubles from the first on, until the cap', () => {
  const given = { initialMs: 100, maximumMs: 1_000 };
  expect([0, 1, 2, 3, 4, 1_000].map((attempt) => backoffDelayMs(attempt, given, 0))).toEqual([
    50, 100, 200, 400, 500, 500,
  ]);
});

test('chance spreads those who were cut off together', () => {
  const given = { initialMs: 1_000, maximumMs: 1_000 };
  expect([0, 0.5, 0.999].map((luck) => backoffDelayMs(0, given, luck))).toEqual([500, 750, 1_000]);
});
