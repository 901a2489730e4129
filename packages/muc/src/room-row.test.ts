import { expect, test } from '@jest/globals';
import { isAffiliation } from './affiliation.js';
import { isPresentRole } from './role.js';
import { Room } from './room.js';
import { isRoomRow, isSameRow, ROOM_ROW_KEYS } from './room-row.js';
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

test('what has all keys of a row is one, with and without the date that may be absent', () => {
  const { emptyDate, ...rest } = row;
  expect(emptyDate).toBeDefined();
  expect([row, rest, { ...row, more: 1 }].map(isRoomRow)).toEqual([true, true, true]);
});

test.each([null, undefined, 'tea', 7, true, [], {}, { roomId: 'tea' }, [row]])(
  '%j is no row',
  (value) => {
    expect(isRoomRow(value)).toBe(false);
  },
);

test.each(ROOM_ROW_KEYS)('a row whose %s is of another kind is none', (key) => {
  for (const value of [null, {}, true, typeof row[key] === 'number' ? '1' : 1]) {
    expect(isRoomRow({ ...row, [key]: value })).toBe(false);
  }
});

test.each(['', '2026', '2026-13-01T00:00:00.000Z', '2026-01-01T25:00:00.000Z', '2026-01-01'])(
  'a row whose date is "%s" is none',
  (creationDate) => {
    expect(isRoomRow({ ...row, creationDate })).toBe(false);
  },
);

test.each([-1, 0.5, 1e300])('a row with %d occupants is none', (occupants) => {
  expect(isRoomRow({ ...row, occupants })).toBe(false);
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
