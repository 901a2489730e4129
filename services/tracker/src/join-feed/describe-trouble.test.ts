import { expect, test } from '@jest/globals';
import { describeTrouble } from './describe-trouble.js';

const unreadable = (...rooms: [string, string][]): Map<string, { condition: string }> =>
  new Map(rooms.map(([roomId, condition]) => [roomId, { condition }]));

test('locked rooms are no trouble', () => {
  expect(describeTrouble(unreadable(['tea', 'item-not-found']), new Set())).toBeUndefined();
});

test('rooms that refuse us are counted, and one of them is named apart from the reason', () => {
  const rooms = unreadable(['tea', 'item-not-found'], ['den', 'timeout'], ['pub', 'timeout']);
  expect(describeTrouble(rooms, new Set())).toEqual({
    reason: '2 rooms cannot be read: timeout',
    detail: 'such as den',
  });
});

test('who refuses us for want of rights gets told which', () => {
  const { reason } = describeTrouble(unreadable(['den', 'forbidden']), new Set())!;
  expect(reason).toMatch(/^a room cannot be read: forbidden; .* must be an administrator/);
});

test('rooms that throw us out are told beside them', () => {
  expect(describeTrouble(unreadable(['den', 'failed']), new Set(['inn', 'bar']))).toEqual({
    reason:
      'a room cannot be read: failed; ' +
      '2 rooms cannot be followed all the time: the tracker is thrown out again and again',
    detail: 'such as den and inn',
  });
});
