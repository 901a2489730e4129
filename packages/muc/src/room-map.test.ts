import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RoomMap } from './room-map.js';

const roomId = fc.oneof(fc.constantFrom('tea', 'cake|site', '__proto__', ''), fc.string());
const step = fc.record({ roomId, value: fc.option(fc.nat(), { nil: undefined }) });

test('holds what a Map holds', () => {
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const rooms = new RoomMap<number>();
      const expected = new Map<string, number>();
      for (const { roomId, value } of steps) {
        if (value === undefined) {
          expect(rooms.delete(roomId)).toBe(expected.delete(roomId));
        } else {
          rooms.set(roomId, value);
          expected.set(roomId, value);
        }
        expect(rooms.has(roomId)).toBe(expected.has(roomId));
        expect(rooms.get(roomId)).toBe(expected.get(roomId));
      }
      expect(rooms.size).toBe(expected.size);
      expect([...rooms.keys()].sort()).toEqual([...expected.keys()].sort());
      expect([...rooms.values()].sort()).toEqual([...expected.values()].sort());
    }),
  );
});

test('whoever goes through it is not told of what has gone meanwhile', () => {
  const rooms = new RoomMap<number>();
  for (let count = 0; count < 1_000; count += 1) rooms.set(`room${count}`, count);
  const seen: string[] = [];
  for (const key of rooms.keys()) {
    seen.push(key);
    if (seen.length === 500) {
      for (const other of [...rooms.keys()]) if (!seen.includes(other)) rooms.delete(other);
    }
  }
  expect(seen).toHaveLength(500);
});
