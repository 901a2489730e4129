import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { getEventListeners } from 'node:events';
import { delay } from './delay.js';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

/** Whether a promise has resolved by now. */
async function isResolved(promise: Promise<void>): Promise<boolean> {
  const pending = Symbol();
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending;
}

test('resolves after the time and not before', async () => {
  const waiting = delay(1_000);
  await jest.advanceTimersByTimeAsync(999);
  expect(await isResolved(waiting)).toBe(false);
  await jest.advanceTimersByTimeAsync(1);
  expect(await isResolved(waiting)).toBe(true);
});

describe('with a signal', () => {
  test('resolves at the abort, and no timer is left', async () => {
    const end = new AbortController();
    const waiting = delay(1_000_000, end.signal);
    end.abort();
    await waiting;
    expect(jest.getTimerCount()).toBe(0);
  });

  test('resolves at once when it is aborted already', async () => {
    await delay(1_000_000, AbortSignal.abort());
    expect(jest.getTimerCount()).toBe(0);
  });

  test('resolves at the abort of any of several', async () => {
    for (const which of [0, 1]) {
      const ends = [new AbortController(), new AbortController()];
      const waiting = delay(1_000_000, ...ends.map(({ signal }) => signal));
      ends[which]?.abort();
      await waiting;
      expect(jest.getTimerCount()).toBe(0);
    }
  });

  test('leaves nothing behind at any of them, however often it is waited', async () => {
    const signals = [new AbortController().signal, new AbortController().signal];
    for (let count = 0; count < 20; count += 1) {
      const waiting = delay(10, ...signals);
      await jest.advanceTimersByTimeAsync(10);
      await waiting;
    }
    for (const signal of signals) {
      expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    }
  });
});
