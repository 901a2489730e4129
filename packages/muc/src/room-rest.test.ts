import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { applyRoomEvent } from './apply-room-event.js';
import { Room } from './room.js';
import { CREATED_MS, history, stateOf } from './room-history.contract.js';

test('a room that rests at any moments is as one that never does', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(history, fc.boolean())), fc.boolean(), (chapters, isTold) => {
      const room = new Room('room|site', CREATED_MS);
      const awake = new Room('room|site', CREATED_MS);
      room.isCreationTold = isTold;
      awake.isCreationTold = isTold;
      for (const [chapter, isTaken] of chapters) {
        for (const [happened, atMs] of chapter) {
          applyRoomEvent(room, happened, atMs);
          applyRoomEvent(awake, happened, atMs);
        }
        room.rest();
        expect(stateOf(room)).toEqual(stateOf(awake));
        room.rest();
        if (isTaken) expect(room.takeTouched()).toEqual(awake.takeTouched());
        room.rest();
      }
      expect(room.takeTouched()).toEqual(awake.takeTouched());
    }),
  );
});

test('whoever lets it rest is told when it is handed over, and each time it wakes', () => {
  const told: string[] = [];
  const room = new Room('a', 0);
  room.restBy({ onAwake: ({ roomId }) => told.push(roomId) });
  expect(told).toEqual(['a']);
  room.rest();
  expect(told).toEqual(['a']);
  expect(room.subject).toBe('');
  expect(room.subject).toBe('');
  expect(told).toEqual(['a', 'a']);
});

test('a room of very many never rests: it would be dear to wake', () => {
  const room = new Room('a', 0);
  for (let count = 0; count < 501; count += 1) {
    room.putOccupant({ nick: `n${count}`, role: 'visitor', affiliation: 'none' });
  }
  let isTold = false;
  room.rest();
  room.restBy({ onAwake: () => (isTold = true) });
  isTold = false;
  expect(room.isEmpty).toBe(false);
  expect(isTold).toBe(false);
});

test('a room that rests like another stays itself', () => {
  const [a, b] = [new Room('same', 0), new Room('same', 0)];
  b.subject = 'other';
  a.rest();
  b.rest(a);
  expect([a.subject, b.subject]).toEqual(['', 'other']);
  b.subject = '';
  b.rest(a);
  b.subject = 'third';
  expect([a.subject, b.subject]).toEqual(['', 'third']);
});
