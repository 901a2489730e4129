import { ROOM_ROW_KEYS, type RoomRow } from '@conference/muc';
import { describe, expect, test } from '@jest/globals';
import {
  joinRoomList,
  roomListAnswerSchema,
  roomRowSchema,
  serialiseRoomRow,
} from './room-list.js';

/** The room of the documentation's example. */
const documented: RoomRow = {
  subject: 'The current subject in the room.',
  roomId: 'roomId|siteId',
  name: 'roomId|siteId',
  admins: 0,
  creationDate: '2012-06-25T17:21:33.747Z',
  description: 'Description of Room, defaults to the roomId',
  maxUsers: 0,
  members: 0,
  moderators: 1,
  modificationDate: '2012-06-25T17:21:33.747Z',
  occupants: 1,
  outcasts: 0,
  owners: 1,
  participants: 0,
};

describe('a row as JSON', () => {
  test('has the documented keys in the documented order, whatever order the row has', () => {
    expect(Object.keys(JSON.parse(serialiseRoomRow(documented)) as object)).toEqual(
      ROOM_ROW_KEYS.filter((key) => key !== 'emptyDate'),
    );
  });

  test('shows nothing but the documented keys', () => {
    const more = { ...documented, occupants: 0, moderators: 0, emptyDate: documented.creationDate };
    const text = serialiseRoomRow({ ...more, roomJid: 'secret' } as RoomRow);
    expect(Object.keys(JSON.parse(text) as object)).toEqual([...ROOM_ROW_KEYS]);
  });
});

describe('the whole answer', () => {
  test.each([0, 1, 3])('with %i rooms is valid', (count) => {
    const rows = Array.from({ length: count }, () => documented);
    const answer: unknown = JSON.parse(joinRoomList(rows.map(serialiseRoomRow)));
    expect(roomListAnswerSchema.parse(answer).data.rooms).toEqual(rows);
  });
});

describe('the schema of a row refuses', () => {
  test.each<[string, Partial<RoomRow>]>([
    ['an empty room without emptyDate', { occupants: 0, moderators: 0 }],
    ['emptyDate on an occupied room', { emptyDate: documented.creationDate }],
    ['more roles than occupants', { participants: 1 }],
    ['a change before the creation', { modificationDate: '2011-06-25T17:21:33.747Z' }],
    ['a date without milliseconds', { creationDate: '2012-06-25T17:21:33Z' }],
    ['a date that is not in UTC', { creationDate: '2012-06-25T17:21:33.747+02:00' }],
    ['a negative count', { outcasts: -1 }],
  ])('%s', (_, change) => {
    expect(roomRowSchema.safeParse(documented).success).toBe(true);
    expect(roomRowSchema.safeParse({ ...documented, ...change }).success).toBe(false);
  });
});
