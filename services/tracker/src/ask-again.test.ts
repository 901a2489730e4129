import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { ASK_AGAIN_MS, orAskAgain } from './ask-again.js';

const silence = new Promise<string>(() => undefined);

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

test('who answers in time is asked once', async () => {
  const ask = jest.fn(() => Promise.resolve('here'));
  await expect(orAskAgain(ask)).resolves.toBe('here');
  await jest.advanceTimersByTimeAsync(ASK_AGAIN_MS);
  expect(ask).toHaveBeenCalledTimes(1);
});

test('who keeps silent is asked once more, and the first answer counts', async () => {
  const ask = jest.fn(() => (ask.mock.calls.length === 1 ? silence : Promise.resolve('at last')));
  const answer = orAskAgain(ask);
  await jest.advanceTimersByTimeAsync(ASK_AGAIN_MS);
  await expect(answer).resolves.toBe('at last');
  expect(ask).toHaveBeenCalledTimes(2);
});

test('a failure is an answer', async () => {
  const refusal = new Error('forbidden');
  await expect(orAskAgain(() => Promise.reject(refusal))).rejects.toBe(refusal);
});
