import { beforeEach, expect, test } from '@jest/globals';
import { Room, UNKNOWN_CONFIGURATION } from '@conference/muc';
import { AwakeRooms } from './awake-rooms.js';
import { KnownRooms } from './known-rooms.js';

let rooms: KnownRooms;
beforeEach(() => {
  rooms = new KnownRooms(new AwakeRooms(() => undefined, 1));
});

function roomOf(roomId: string, occupants: number): Room {
  const room = new Room(roomId, 0);
  for (let count = 0; count < occupants; count += 1) {
    room.putOccupant({ nick: `n${count}`, role: 'visitor', affiliation: 'none' });
  }
  return room;
}

test('the occupants of all rooms are counted along with what happens', () => {
  rooms.set(roomOf('a', 2));
  rooms.set(roomOf('b', 3));
  expect([rooms.size, rooms.occupantCount]).toEqual([2, 5]);
  const a = rooms.get('a');
  if (a) rooms.apply(a, { kind: 'occupant-left', nick: 'n0' }, 1);
  expect(rooms.occupantCount).toBe(4);
  rooms.set(roomOf('b', 1));
  expect([rooms.size, rooms.occupantCount]).toEqual([2, 2]);
  rooms.delete('a');
  rooms.delete('absent');
  expect([rooms.size, rooms.occupantCount]).toEqual([1, 1]);
});

test('a maximum of users is told while any room tells it', () => {
  const room = roomOf('a', 0);
  rooms.set(room);
  rooms.set(roomOf('b', 0));
  expect(rooms.isMaxUsersTold).toBe(false);
  const configuration = { ...UNKNOWN_CONFIGURATION, isMaxUsersTold: true };
  rooms.apply(room, { kind: 'configuration-read', configuration }, 1);
  expect(rooms.isMaxUsersTold).toBe(true);
  rooms.delete('a');
  expect(rooms.isMaxUsersTold).toBe(false);
});

test('a room is handed over to rest, and whoever looks at it wakes it', () => {
  const told: string[] = [];
  rooms = new KnownRooms({
    onHandedOver: (room) => {
      told.push(`handed over ${room.roomId}`);
      room.rest();
    },
    onAwake: ({ roomId }) => void told.push(`awake ${roomId}`),
  });
  rooms.set(roomOf('a', 1));
  expect(told).toEqual(['handed over a']);
  expect(rooms.get('a')?.isEmpty).toBe(false);
  expect(told).toEqual(['handed over a', 'awake a']);
});
