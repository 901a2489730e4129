import { expect, test } from '@jest/globals';
import { ConferenceError, hasCode } from './conference-error.js';

test('an error tells its code, its cause, its condition and whether to try again', () => {
  const cause = new Error('socket closed');
  const error = new ConferenceError('stanza-error', 'the room refused', {
    cause,
    isRetryable: true,
    condition: 'forbidden',
  });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({
    name: 'ConferenceError',
    code: 'stanza-error',
    message: 'the room refused',
    cause,
    isRetryable: true,
    condition: 'forbidden',
  });
});

test('without options there is no cause, no condition, and nothing to try again', () => {
  const error = new ConferenceError('timeout', 'too late');
  expect('cause' in error).toBe(false);
  expect([error.isRetryable, error.condition]).toEqual([false, undefined]);
});

test('a code is known only of errors of this project', () => {
  expect(hasCode(new ConferenceError('timeout', ''), 'timeout')).toBe(true);
  expect(hasCode(new ConferenceError('timeout', ''), 'store-lost')).toBe(false);
  expect(hasCode(Object.assign(new Error(), { code: 'timeout' }), 'timeout')).toBe(false);
  expect(hasCode(undefined, 'timeout')).toBe(false);
});
