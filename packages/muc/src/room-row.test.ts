import { expect, test } from '@jest/globals';
import { isAffiliation } from './affiliation.js';
import { isPresentRole } from './role.js';
import { Room } from './room.js';
import { isSameRow, ROOM_ROW_KEYS } from './room-row.js';
import type { RoomRow } from './room-row.js';

const row = new Room('r', 0).toRow();

test('a row is the same as its copy', () => {
  expect(isSameRow(row, { ...row })).toBe(true);
});

test.each(ROOM_ROW_KEYS)('rows that differ in %s are not the same', (key) => {
  const other: RoomRow = { ...row, [key]: typeof row[key] === 'number' ? 1 : 'x' };
  expect(isSameRow(row, other)).toBe(false);
});

test('a row that has lost its emptyDate is not the same', () => {
  const { emptyDate, ...rest } = row;
  expect(emptyDate).toBe('1970-01-01T00:00:00.000Z');
  expect(isSameRow(row, rest)).toBe(false);
});

test('only the words of the specification are roles and affiliations', () => {
  const words = ['owner', 'admin', 'member', 'outcast', 'none', 'moderator', 'visitor'];
  expect(words.filter(isAffiliation)).toEqual(['owner', 'admin', 'member', 'outcast', 'none']);
  expect(['moderator', 'participant', 'visitor', 'none', 'Visitor'].filter(isPresentRole)).toEqual([
    'moderator',
    'participant',
    'visitor',
  ]);
  expect([undefined, null, 0, '', '__proto__'].some((value) => isAffiliation(value))).toBe(false);
});
