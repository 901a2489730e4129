/** What must hold of the lists that were served while a fault was on, and after it. */
import { expect } from '@jest/globals';
import type { RoomRow } from '@conference/muc';
import type { SeenList } from './list-watch.js';

/** Somebody answered each time, and never with an error. */
export function expectServed(answers: readonly SeenList[]): void {
  expect(answers.length).toBeGreaterThan(0);
  expect([...new Set(answers.map(({ status }) => status))]).toEqual([200]);
}

/** Rooms in which nothing happens are the same in every answer: present, counts, dates, all. */
export function expectStill(
  answers: readonly SeenList[],
  rows: ReadonlyMap<string, RoomRow>,
): void {
  expect(rows.size).toBeGreaterThan(0);
  for (const shown of statesOf(answers)) {
    for (const [roomId, row] of rows) expect(shown.get(roomId)).toEqual(row);
  }
}

/** Every list that is marked stale is the same one: what is not followed does not change. */
export function expectFrozenWhileStale(answers: readonly SeenList[]): void {
  const stale = answers.filter(({ staleSince }) => staleSince !== null);
  expect(stale.length).toBeGreaterThan(0);
  const [first, ...others] = statesOf(stale);
  for (const other of others) expect(other).toEqual(first);
}

/** Answers between two changes of the list share their rows. */
function statesOf(answers: readonly SeenList[]): ReadonlySet<ReadonlyMap<string, RoomRow>> {
  return new Set(answers.map(({ rows }) => rows));
}
