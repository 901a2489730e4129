import { expect, test } from '@jest/globals';
import { Room } from '@conference/muc';
import { AwakeRooms } from './awake-rooms.js';

test('with each room that wakes, the one that has been awake for longest goes to rest', () => {
  const awake = new AwakeRooms(() => undefined, 2);
  const woken: string[] = [];
  const waking = {
    onHandedOver: (room: Room) => awake.onHandedOver(room),
    onAwake: (room: Room) => {
      woken.push(room.roomId);
      awake.onAwake(room);
    },
  };
  const rooms = ['a', 'b', 'c'].map((roomId) => new Room(roomId, 0));
  for (const room of rooms) room.restBy(waking);
  const [a, b, c] = rooms;
  // As they are handed over they rest.
  expect([b?.subject, c?.subject]).toEqual(['', '']);
  expect(woken).toEqual(['b', 'c']);
  expect([b?.subject, c?.subject]).toEqual(['', '']);
  expect([a?.subject, c?.subject, b?.subject]).toEqual(['', '', '']);
  expect(woken).toEqual(['b', 'c', 'a', 'b']);
});

test('the room that wakes is not put to rest for its own sake', () => {
  const awake = new AwakeRooms(() => undefined, 1);
  const room = new Room('a', 0);
  room.restBy(awake);
  expect(room.subject).toBe('');
  room.rest();
  room.subject = 'tea';
  expect(room.subject).toBe('tea');
});
