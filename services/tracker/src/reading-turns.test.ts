import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, expect, test } from '@jest/globals';
import { ReadingTurns } from './reading-turns.js';

let nowMs: number;
let calls: string[];
let turns: ReadingTurns;
beforeEach(() => {
  nowMs = 0;
  calls = [];
  const socket = { pause: () => calls.push('pause'), resume: () => calls.push('resume') };
  turns = new ReadingTurns(socket, () => nowMs);
});

function read(tookMs: number): void {
  turns.begin();
  nowMs += tookMs;
  turns.end();
}

test('whatever takes little is read at a stretch', async () => {
  for (let count = 0; count < 3; count += 1) read(2);
  await nextTurn();
  for (let count = 0; count < 3; count += 1) read(2);
  expect(calls).toEqual([]);
});

test('after a long stretch others come first, and reading goes on', async () => {
  for (let count = 0; count < 6; count += 1) read(2);
  expect(calls).toEqual(['pause']);
  await nextTurn();
  expect(calls).toEqual(['pause', 'resume']);
  read(50);
  expect(calls).toEqual(['pause', 'resume', 'pause']);
  await nextTurn();
  expect(calls).toHaveLength(4);
});
