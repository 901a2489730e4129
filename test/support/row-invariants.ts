/** What holds of every row, whatever happened. */
import { expect } from '@jest/globals';
import type { RoomRow } from '@conference/muc';

export function expectInvariants(row: RoomRow): void {
  expect(row.occupants).toBeGreaterThanOrEqual(row.moderators + row.participants);
  expect(row.emptyDate !== undefined).toBe(row.occupants === 0);
  expect(row.modificationDate >= row.creationDate).toBe(true);
}
