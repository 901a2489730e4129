import { expect, test } from '@jest/globals';
import { Losses } from './losses.js';

test('after the first loss we come back at once, then more and more slowly, within 5 s', () => {
  const losses = new Losses();
  const pauses = Array.from({ length: 8 }, (_, index) => losses.count(index * 6_000, 0.999_999));
  expect(pauses).toEqual([0, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
  expect(losses.repeats).toBe(7);
});

test('one that stayed away for a minute is forgiven', () => {
  const losses = new Losses();
  expect([losses.count(0, 0), losses.count(59_999, 0), losses.repeats]).toEqual([0, 250, 1]);
  expect([losses.count(119_999, 0), losses.repeats]).toEqual([0, 0]);
});
