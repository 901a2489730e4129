import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { applyRoomEvent } from './apply-room-event.js';
import { Room } from './room.js';
import { CREATED_MS, history, stateOf } from './room-history.contract.js';

/** Events, and what is then taken of the room. */
const chapters = fc.array(fc.tuple(history, fc.constantFrom('nothing', 'touched', 'all')));

test('a room that rests at any moments is as one that never does', () => {
  fc.assert(
    fc.property(chapters, fc.boolean(), (told, isTold) => {
      const room = new Room('room|site', CREATED_MS);
      const awake = new Room('room|site', CREATED_MS);
      room.isCreationTold = isTold;
      awake.isCreationTold = isTold;
      for (const [chapter, taken] of told) {
        for (const [happened, atMs] of chapter) {
          applyRoomEvent(room, happened, atMs);
          applyRoomEvent(awake, happened, atMs);
        }
        room.rest();
        expect(stateOf(room)).toEqual(stateOf(awake));
        room.rest();
        if (taken === 'touched') expect(room.takeTouched()).toEqual(awake.takeTouched());
        if (taken === 'all') expect(room.takeAll()).toEqual(awake.takeAll());
        room.rest();
      }
      expect(room.takeTouched()).toEqual(awake.takeTouched());
    }),
  );
});

test('whoever lets it rest is told when it is handed over, and each time it wakes', () => {
  const told: string[] = [];
  const room = new Room('a', 0);
  room.restBy({
    onHandedOver: ({ roomId }) => told.push(`handed over ${roomId}`),
    onAwake: ({ roomId }) => told.push(`awake ${roomId}`),
  });
  expect(told).toEqual(['handed over a']);
  room.rest();
  expect(told).toEqual(['handed over a']);
  expect(room.subject).toBe('');
  expect(room.subject).toBe('');
  expect(told).toEqual(['handed over a', 'awake a']);
});

test('all that is taken of a room counts as told, and what does not fit as changed', () => {
  const room = new Room('a', 0);
  const occupants = ['n1', 'n2', 'n3'].map((nick) => {
    return { nick, role: 'visitor', affiliation: 'none' } as const;
  });
  for (const occupant of occupants) room.putOccupant(occupant);
  room.setAffiliation('owner@localhost', 'owner');
  room.takeTouched();
  expect(room.takeAll(3)).toEqual({
    nicks: new Set(['n1', 'n2', 'n3']),
    bareJids: new Set(),
    hasMore: true,
  });
  expect(room.takeTouched()).toEqual({
    nicks: new Set(),
    bareJids: new Set(['owner@localhost']),
    hasMore: false,
  });
  room.removeOccupant('n3');
  expect(room.takeAll(3)).toEqual({
    nicks: new Set(['n1', 'n2']),
    bareJids: new Set(['owner@localhost']),
    hasMore: false,
  });
  expect(room.takeTouched()).toMatchObject({ nicks: new Set(), bareJids: new Set() });
});

test('a room of very many never rests: it would be dear to wake', () => {
  const room = new Room('a', 0);
  for (let count = 0; count < 501; count += 1) {
    room.putOccupant({ nick: `n${count}`, role: 'visitor', affiliation: 'none' });
  }
  let isTold = false;
  room.restBy({ onHandedOver: () => room.rest(), onAwake: () => (isTold = true) });
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
