import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { ConferenceError } from '@conference/muc';
import pLimit from 'p-limit';
import { ASK_AGAIN_MS } from '../ask-again.js';
import { JoinAnswers } from './join-answers.js';
import type { JoinAnswer } from './joined-room-listener.js';

const TIMEOUT_MS = 10_000;
const JOINED: JoinAnswer = { kind: 'joined', wasCreated: false };
const sent = (): Promise<void> => Promise.resolve();

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

/** Answers with room for so many joins under way, shared by all of them. */
function createAnswers(count: number, concurrency = 10): JoinAnswers[] {
  const limit = pLimit(concurrency);
  return Array.from({ length: count }, () => new JoinAnswers(TIMEOUT_MS, limit));
}

test('an answer reaches the join that waits, even from within the sending', async () => {
  const [answers] = createAnswers(1);
  const early = answers!.await(() => {
    answers!.answer(JOINED);
    return sent();
  });
  await expect(early).resolves.toEqual(JOINED);
  const late = answers!.await(sent);
  await jest.advanceTimersByTimeAsync(TIMEOUT_MS - 1);
  answers!.answer({ kind: 'refused', condition: 'conflict' });
  await expect(late).resolves.toEqual({ kind: 'refused', condition: 'conflict' });
});

test('an answer that nobody waits for is dropped', async () => {
  const [answers] = createAnswers(1);
  answers!.answer({ kind: 'refused', condition: 'conflict' });
  const waiting = answers!.await(sent);
  await jest.advanceTimersByTimeAsync(0);
  answers!.answer(JOINED);
  await expect(waiting).resolves.toEqual(JOINED);
});

test('a room that keeps silent is sent the join once more', async () => {
  const [answers] = createAnswers(1);
  let count = 0;
  const waiting = answers!.await(() => {
    count += 1;
    return sent();
  });
  await jest.advanceTimersByTimeAsync(ASK_AGAIN_MS - 1);
  expect(count).toBe(1);
  await jest.advanceTimersByTimeAsync(TIMEOUT_MS / 2);
  expect(count).toBe(2);
  answers!.answer(JOINED);
  await expect(waiting).resolves.toEqual(JOINED);
});

test('silence fails by the deadline, and may be tried again', async () => {
  const [answers] = createAnswers(1);
  const waiting = answers!.await(sent);
  const failure = expect(waiting).rejects.toMatchObject({ code: 'timeout', isRetryable: true });
  await jest.advanceTimersByTimeAsync(TIMEOUT_MS);
  await failure;
});

test('the end of the session fails the join at once', async () => {
  const [answers] = createAnswers(1);
  const waiting = answers!.await(sent);
  const failure = expect(waiting).rejects.toMatchObject({ code: 'xmpp-unavailable' });
  await jest.advanceTimersByTimeAsync(0);
  answers!.fail();
  answers!.fail();
  await failure;
});

test('a join whose turn comes after the end of the session is not sent', async () => {
  const [first, second] = createAnswers(2, 1);
  const one = first!.await(sent);
  const send = jest.fn(sent);
  const two = expect(second!.await(send)).rejects.toMatchObject({ code: 'xmpp-unavailable' });
  await jest.advanceTimersByTimeAsync(0);
  second!.fail();
  first!.answer(JOINED);
  await one;
  await two;
  await expect(second!.await(send)).rejects.toMatchObject({ code: 'xmpp-unavailable' });
  expect(send).not.toHaveBeenCalled();
});

test('a join that cannot be sent fails as the sending did', async () => {
  const [answers] = createAnswers(1);
  const error = new ConferenceError('xmpp-unavailable', 'offline');
  await expect(answers!.await(() => Promise.reject(error))).rejects.toBe(error);
});

test('joins wait for their turn, and their time begins with it', async () => {
  const [first, second] = createAnswers(2, 1);
  const order: string[] = [];
  const one = first!.await(() => {
    order.push('first');
    return sent();
  });
  const two = second!.await(() => {
    order.push('second');
    return sent();
  });
  await jest.advanceTimersByTimeAsync(TIMEOUT_MS - 1);
  expect(new Set(order)).toEqual(new Set(['first']));
  first!.answer(JOINED);
  await one;
  await jest.advanceTimersByTimeAsync(TIMEOUT_MS - 1);
  expect(order.at(-1)).toBe('second');
  second!.answer(JOINED);
  await expect(two).resolves.toEqual(JOINED);
});
