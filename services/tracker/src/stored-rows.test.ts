import { expect, test } from '@jest/globals';
import { Room } from '@conference/muc';
import { StoredRows } from './stored-rows.js';

test('a row is given back as it was, with and without the date that may be absent', () => {
  const stored = new StoredRows();
  const empty = new Room('__proto__', 0);
  const full = new Room('full', 1_000);
  full.putOccupant({ nick: 'n', role: 'moderator', affiliation: 'owner' });
  full.emptyMs = undefined;
  full.subject = 'null';
  for (const room of [empty, full]) stored.set(room.toRow());
  expect(stored.get('__proto__')).toEqual(empty.toRow());
  expect(stored.get('full')).toEqual(full.toRow());
  expect(stored.get('absent')).toBeUndefined();
  stored.delete('full');
  expect([...stored.keys()]).toEqual(['__proto__']);
});

test('a row that tells nothing is known by its name alone', () => {
  const stored = new StoredRows();
  stored.setMalformed('tea');
  expect(stored.has('tea')).toBe(true);
  expect([...stored.keys()]).toEqual(['tea']);
  expect(stored.get('tea')).toBeUndefined();
});
