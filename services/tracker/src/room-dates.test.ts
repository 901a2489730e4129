import { describe, expect, test } from '@jest/globals';
import { applyRoomEvent, Room } from '@conference/muc';
import type { RoomConfiguration } from '@conference/muc';
import fc from 'fast-check';
import { adoptDates, datesOfRow } from './room-dates.js';

const CONFIGURATION: RoomConfiguration = {
  name: 'Tea room',
  description: 'one\ntwo',
  maxUsers: 20,
  isPersistent: true,
};
const READ_MS = 5_000_000;
const NOW_MS = 6_000_000;

/** A room as it stands after a read: created at the moment of the read, so far. */
function freshRoom(options: { readonly isEmpty?: boolean; readonly name?: string } = {}): Room {
  const room = new Room('tea', READ_MS);
  const configuration = { ...CONFIGURATION, name: options.name ?? CONFIGURATION.name };
  applyRoomEvent(room, { kind: 'configuration-read', configuration }, READ_MS);
  if (options.isEmpty !== true) {
    const occupant = { nick: 'A', role: 'moderator', affiliation: 'owner' } as const;
    applyRoomEvent(room, { kind: 'occupant-present', occupant }, READ_MS);
  }
  return room;
}

const KNOWN = {
  creationMs: 1_000_000,
  modificationMs: 2_000_000,
  emptyMs: 3_000_000,
  configuration: CONFIGURATION,
};

describe('a room that is read again', () => {
  test('keeps all three dates where nothing changed', () => {
    const room = freshRoom({ isEmpty: true });
    adoptDates(room, KNOWN, NOW_MS);
    expect([room.creationMs, room.modificationMs, room.emptyMs]).toEqual([
      1_000_000, 2_000_000, 3_000_000,
    ]);
  });

  test('was changed unseen where its configuration differs', () => {
    const room = freshRoom({ name: 'Coffee room' });
    adoptDates(room, KNOWN, NOW_MS);
    expect([room.creationMs, room.modificationMs]).toEqual([1_000_000, NOW_MS]);
  });

  test('keeps the change that was seen while it was read', () => {
    const room = freshRoom({ name: 'Coffee room' });
    applyRoomEvent(room, { kind: 'configuration-changed' }, READ_MS + 7);
    adoptDates(room, KNOWN, NOW_MS);
    expect(room.modificationMs).toBe(READ_MS + 7);
  });

  test('is empty since now where it emptied unseen', () => {
    const room = freshRoom({ isEmpty: true });
    adoptDates(room, { ...KNOWN, emptyMs: undefined }, NOW_MS);
    expect(room.emptyMs).toBe(NOW_MS);
  });

  test('is not empty where somebody came unseen', () => {
    const room = freshRoom();
    adoptDates(room, KNOWN, NOW_MS);
    expect(room.emptyMs).toBeUndefined();
  });

  test('gets no date before its creation, though the clock was set back', () => {
    const room = freshRoom({ isEmpty: true, name: 'Coffee room' });
    const known = { ...KNOWN, creationMs: 9_000_000, modificationMs: 9_000_000 };
    adoptDates(room, { ...known, emptyMs: undefined }, NOW_MS);
    expect([room.modificationMs, room.emptyMs]).toEqual([9_000_000, 9_000_000]);
  });
});

test('a row and the room it was made of know the same dates and configuration', () => {
  const text = fc.string().filter((value) => value !== 'tea');
  fc.assert(
    fc.property(text, text, fc.nat(), fc.boolean(), (name, description, maxUsers, isEmpty) => {
      const room = freshRoom({ isEmpty });
      const configuration = { name, description, maxUsers, isPersistent: true };
      applyRoomEvent(room, { kind: 'configuration-read', configuration }, NOW_MS);
      expect(datesOfRow(room.toRow())).toEqual({
        creationMs: room.creationMs,
        modificationMs: room.modificationMs,
        emptyMs: room.emptyMs,
        configuration: { name, description, maxUsers },
      });
    }),
  );
});

test('a restart over the stored row changes nothing in the row', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.boolean(), (name, description, isEmpty) => {
      const read = (): Room => {
        const room = freshRoom({ isEmpty });
        const configuration = { name, description, maxUsers: 0, isPersistent: true };
        applyRoomEvent(room, { kind: 'configuration-read', configuration }, NOW_MS);
        return room;
      };
      const before = read();
      before.creationMs = 1_000;
      before.modificationMs = 2_000;
      if (isEmpty) before.emptyMs = 3_000;
      const after = read();
      adoptDates(after, datesOfRow(before.toRow()), NOW_MS);
      expect(after.toRow()).toEqual(before.toRow());
    }),
  );
});
