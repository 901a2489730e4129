import { beforeEach, expect, test } from '@jest/globals';
import { EventEmitter } from 'node:events';
import type { ListBody } from './list-version.js';
import { UnsentBodies } from './unsent-bodies.js';

/** A response whose client has taken nothing yet. */
class SlowResponse extends EventEmitter {
  writableLength = 1;
  isCut = false;

  destroy(): void {
    this.isCut = true;
    this.emit('close');
  }
}

const LIST = 'suffix:sitea plain';
const parts = Array.from({ length: 8 }, () => Buffer.alloc(100));
let unsent: UnsentBodies;

/** The body that consists of the parts with these numbers. */
function bodyOf(...numbers: readonly number[]): ListBody {
  const buffers = numbers.map((number) => parts[number] ?? Buffer.alloc(0));
  return { buffers, byteCount: buffers.length * 100, etag: `"${numbers.join('-')}"` };
}

function send(body: ListBody, listName = LIST): SlowResponse {
  const response = new SlowResponse();
  unsent.watch(response, body, listName);
  return response;
}

beforeEach(() => {
  unsent = new UnsentBodies(250);
});

test('counts what older bodies do not share with newer ones, and no more', () => {
  const [first, second, third] = [bodyOf(0, 1, 2), bodyOf(0, 3, 2), bodyOf(0, 3, 4)];
  send(first);
  send(first);
  expect(unsent.leftBehindBytes).toBe(0);
  const middle = send(second);
  expect(unsent.leftBehindBytes).toBe(100);
  send(third);
  expect(unsent.leftBehindBytes).toBe(200);
  middle.emit('close');
  expect(unsent.leftBehindBytes).toBe(200);
});

test('forgets a body with the last who takes it', () => {
  const slow = [send(bodyOf(0)), send(bodyOf(1)), send(bodyOf(2))];
  expect(unsent.leftBehindBytes).toBe(200);
  for (const response of slow.toReversed()) {
    response.emit('close');
  }
  expect(unsent.leftBehindBytes).toBe(0);
  send(bodyOf(3));
  expect(unsent.leftBehindBytes).toBe(0);
});

test('cuts off who takes the oldest body where too much is held, and nobody else', () => {
  const responses = [0, 1, 2, 3].map((number) => send(bodyOf(number)));
  expect(responses.map(({ isCut }) => isCut)).toEqual([true, false, false, false]);
  expect(unsent.leftBehindBytes).toBe(200);
});

test('cuts off nobody who takes the newest body, of whichever list', () => {
  const other = send(bodyOf(7), 'suffix:siteb plain');
  const responses = [0, 1, 2, 3, 4].map((number) => send(bodyOf(number)));
  expect([other, ...responses].map(({ isCut }) => isCut)).toEqual([
    ...[false, true, true, false, false, false],
  ]);
});

test('holds nothing for a client that has taken all at once', () => {
  const quick = new SlowResponse();
  quick.writableLength = 0;
  unsent.watch(quick, bodyOf(0), LIST);
  send(bodyOf(1));
  expect(unsent.leftBehindBytes).toBe(0);
  expect(quick.listenerCount('close')).toBe(0);
});
