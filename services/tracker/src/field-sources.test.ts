import { ROOM_ROW_KEYS } from '@conference/muc';
import { describe, expect, test } from '@jest/globals';
import { fieldSourcesOf } from './field-sources.js';

describe('where fields come from', () => {
  test('is said of every documented field and of nothing else', () => {
    expect(Object.keys(fieldSourcesOf('joined', false)).sort()).toEqual([...ROOM_ROW_KEYS].sort());
  });

  test.each([
    ['joined', false, 'observed', 'unknown'],
    ['joined', true, 'observed', 'server'],
    ['fed', false, 'server', 'unknown'],
    ['fed', true, 'server', 'server'],
  ] as const)('%s, a maximum told: %s', (following, isTold, date, maxUsers) => {
    expect(fieldSourcesOf(following, isTold)).toMatchObject({
      creationDate: date,
      modificationDate: date,
      maxUsers,
      emptyDate: 'observed',
      subject: 'server',
      occupants: 'server',
    });
  });
});
