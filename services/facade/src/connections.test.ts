import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { type AnsweringSocket, Connections, type CutReason, MAX_PIPELINED } from './connections.js';

class FakeSocket implements AnsweringSocket {
  isCut = false;
  _httpMessage: ServerResponse | null = null;

  destroy(): Socket {
    this.isCut = true;
    return new Socket();
  }

  /** A request has arrived, whole or not, and its answer is under way. */
  ask(startedAtMs: number, isComplete = true): void {
    const request = new IncomingMessage(new Socket());
    request.complete = isComplete;
    this._httpMessage = Object.assign(new ServerResponse(request), { startedAtMs });
  }
}

let cuts: CutReason[];
let connections: Connections;

beforeEach(() => {
  jest.useFakeTimers();
  cuts = [];
  connections = new Connections({
    maxConnections: 2,
    answerTimeoutMs: 10_000,
    onCut: (reason) => cuts.push(reason),
  });
});

afterEach(() => {
  jest.useRealTimers();
});

function addEach(count: number): FakeSocket[] {
  const sockets = Array.from({ length: count }, () => new FakeSocket());
  for (const socket of sockets) connections.add(socket);
  return sockets;
}

test('at the limit the one that has been idle for longest makes room', () => {
  const [first, second] = addEach(2);
  connections.begin(first as FakeSocket);
  connections.end(first as FakeSocket);
  addEach(1);
  expect([first?.isCut, second?.isCut, cuts]).toEqual([false, true, ['limit']]);
});

test('one that waits for its answer makes no room while another is idle', () => {
  const [first, second] = addEach(2);
  connections.begin(first as FakeSocket);
  addEach(1);
  expect([first?.isCut, second?.isCut]).toEqual([false, true]);
});

test('where all wait for answers, the one that waits for longest makes room', () => {
  const [first, second] = addEach(2);
  connections.begin(first as FakeSocket);
  connections.begin(second as FakeSocket);
  addEach(1);
  expect([first?.isCut, second?.isCut]).toEqual([true, false]);
});

test('one that has ended makes room by that', () => {
  const [first, second] = addEach(2);
  connections.delete(first as FakeSocket);
  connections.end(first as FakeSocket);
  addEach(1);
  expect([first?.isCut, second?.isCut, cuts]).toEqual([false, false, []]);
});

test('one that asks on and on before an answer is over is cut, and nobody answers it', () => {
  const [first = new FakeSocket()] = addEach(1);
  const begun = Array.from({ length: MAX_PIPELINED + 2 }, () => connections.begin(first));
  expect(begun.lastIndexOf(true)).toBe(MAX_PIPELINED - 1);
  expect([first.isCut, cuts]).toEqual([true, ['pipelined']]);
});

test('one whose answers are over in turn may go on asking', () => {
  const [first = new FakeSocket()] = addEach(1);
  for (let count = 0; count < 10 * MAX_PIPELINED; count += 1) {
    expect(connections.begin(first)).toBe(true);
    connections.end(first);
  }
});

test('an answer that is not read in time is cut, and one to half a request is not', () => {
  const [first, second] = addEach(2);
  first?.ask(performance.now());
  second?.ask(performance.now(), false);
  jest.advanceTimersByTime(9_900);
  expect(cuts).toEqual([]);
  jest.advanceTimersByTime(1_000);
  expect([first?.isCut, second?.isCut, cuts]).toEqual([true, false, ['unread']]);
});
