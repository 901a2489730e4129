import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { applyRoomEvent } from './apply-room-event.js';
import type { Occupant } from './occupant.js';
import { Room } from './room.js';
import type { RoomEvent } from './room-event.js';
import { CREATED_MS, event, history, jid, occupant, stateOf } from './room-history.contract.js';
import { ROOM_ROW_KEYS } from './room-row.js';

function roomAfter(events: readonly (readonly [RoomEvent, number])[]): Room {
  const room = new Room('room|site', CREATED_MS);
  for (const [happened, atMs] of events) applyRoomEvent(room, happened, atMs);
  return room;
}

describe('after any events, whatever the clock does', () => {
  test('the counts are those of the sets', () => {
    fc.assert(
      fc.property(history, (events) => {
        const room = roomAfter(events);
        const roles = [...room.occupants.values()].map(({ role }) => role);
        const lists = [...room.affiliations.values()];
        const count = (all: readonly string[], one: string) =>
          all.filter((value) => value === one).length;
        expect(room.toRow()).toMatchObject({
          occupants: roles.length,
          moderators: count(roles, 'moderator'),
          participants: count(roles, 'participant'),
          owners: count(lists, 'owner'),
          admins: count(lists, 'admin'),
          members: count(lists, 'member'),
          outcasts: count(lists, 'outcast'),
        });
        for (const [key, { nick: known }] of room.occupants) expect(known).toBe(key);
      }),
    );
  });

  test('the row keeps its invariants and its order', () => {
    fc.assert(
      fc.property(history, (events) => {
        const row = roomAfter(events).toRow();
        expect(row.occupants).toBeGreaterThanOrEqual(row.moderators + row.participants);
        expect(row.emptyDate !== undefined).toBe(row.occupants === 0);
        expect(row.modificationDate >= row.creationDate).toBe(true);
        expect((row.emptyDate ?? row.creationDate) >= row.creationDate).toBe(true);
        expect(Object.keys(row)).toEqual(
          ROOM_ROW_KEYS.filter((key) => key !== 'emptyDate' || row.occupants === 0),
        );
      }),
    );
  });

  test('an event that comes twice changes nothing the second time', () => {
    fc.assert(
      fc.property(history, event, fc.nat(), (events, last, atMs) => {
        const once = roomAfter([...events, [last, atMs]]);
        const twice = roomAfter([...events, [last, atMs], [last, atMs]]);
        expect(stateOf(twice)).toEqual(stateOf(once));
      }),
    );
  });

  test('a mirror that copies only what was touched equals the room', () => {
    fc.assert(
      fc.property(fc.array(history, { maxLength: 4 }), (chapters) => {
        const room = new Room('room|site', CREATED_MS);
        const occupants = new Map<string, Occupant>();
        const affiliations = new Map<string, string>();
        for (const chapter of chapters) {
          for (const [happened, atMs] of chapter) applyRoomEvent(room, happened, atMs);
          const touched = room.takeTouched();
          for (const key of touched.nicks) copyEntry(room.occupants, occupants, key);
          for (const key of touched.bareJids) copyEntry(room.affiliations, affiliations, key);
        }
        expect(occupants).toEqual(new Map(room.occupants));
        expect(affiliations).toEqual(new Map(room.affiliations));
        expect(room.takeTouched()).toMatchObject({ nicks: new Set(), bareJids: new Set() });
      }),
    );
  });

  test('a fresh read settles what was missed', () => {
    fc.assert(
      fc.property(history, fc.array(occupant), fc.uniqueArray(jid), (events, present, owners) => {
        const room = roomAfter(events);
        const byNick = new Map(present.map((one) => [one.nick, one]));
        for (const one of byNick.values()) {
          applyRoomEvent(room, { kind: 'occupant-present', occupant: one }, 0);
        }
        applyRoomEvent(room, { kind: 'occupants-confirmed', nicks: new Set(byNick.keys()) }, 0);
        applyRoomEvent(
          room,
          { kind: 'affiliation-listed', affiliation: 'owner', bareJids: owners },
          0,
        );
        expect(new Map(room.occupants)).toEqual(byNick);
        const listed = [...room.affiliations].filter(([, known]) => known === 'owner');
        expect(listed.map(([bareJid]) => bareJid).sort()).toEqual([...owners].sort());
      }),
    );
  });
});

describe('single events', () => {
  const alice: Occupant = { nick: 'Alice', role: 'moderator', affiliation: 'owner' };
  const enter: RoomEvent = { kind: 'occupant-present', occupant: alice };

  test('a new room is empty since its creation', () => {
    expect(new Room('r', CREATED_MS).toRow()).toEqual({
      roomId: 'r',
      name: 'r',
      admins: 0,
      creationDate: '1970-01-01T00:08:20.000Z',
      description: 'r',
      maxUsers: 0,
      members: 0,
      moderators: 0,
      modificationDate: '1970-01-01T00:08:20.000Z',
      occupants: 0,
      outcasts: 0,
      owners: 0,
      participants: 0,
      subject: '',
      emptyDate: '1970-01-01T00:08:20.000Z',
    });
  });

  test('the room is empty since the last one left, not since a later event', () => {
    const room = roomAfter([
      [enter, 600_000],
      [{ kind: 'occupant-left', nick: 'Alice' }, 700_000],
      [{ kind: 'subject-set', subject: 'x' }, 800_000],
      [{ kind: 'occupant-left', nick: 'Alice' }, 900_000],
    ]);
    expect(room.emptyMs).toBe(700_000);
  });

  test('who comes and goes again leaves a newer date', () => {
    const room = roomAfter([[enter, 600_000]]);
    expect(room.emptyMs).toBeUndefined();
    applyRoomEvent(room, { kind: 'occupant-left', nick: 'Alice' }, 700_000);
    applyRoomEvent(room, enter, 800_000);
    expect(room.emptyMs).toBeUndefined();
    applyRoomEvent(room, { kind: 'occupant-left', nick: 'Alice' }, 900_000);
    expect(room.emptyMs).toBe(900_000);
  });

  test('the time of a change is the time it was told of, never before the creation', () => {
    const changed: RoomEvent = { kind: 'configuration-changed' };
    expect(roomAfter([[changed, 700_000]]).modificationMs).toBe(700_000);
    expect(roomAfter([[changed, 1]]).modificationMs).toBe(CREATED_MS);
  });

  test('values that are read do not count as a change', () => {
    const configuration = { name: 'N', description: 'D', maxUsers: 7, isPersistent: true };
    const row = roomAfter([[{ kind: 'configuration-read', configuration }, 700_000]]).toRow();
    expect(row).toMatchObject({ name: 'N', description: 'D', maxUsers: 7 });
    expect(row.modificationDate).toBe(row.creationDate);
  });

  test('a nick change keeps the occupant, also onto the nick of another', () => {
    const room = roomAfter([
      [enter, 1],
      [{ kind: 'occupant-present', occupant: { ...alice, nick: 'Bob', role: 'visitor' } }, 2],
      [{ kind: 'nick-changed', nick: 'Alice', newNick: 'Bob' }, 3],
    ]);
    expect([...room.occupants.values()]).toEqual([{ ...alice, nick: 'Bob' }]);
    expect(room.toRow()).toMatchObject({ occupants: 1, moderators: 1 });
  });

  test('a list that is read takes its JIDs from the other lists', () => {
    const room = roomAfter([
      [{ kind: 'affiliation-listed', affiliation: 'member', bareJids: ['a@x', 'b@x'] }, 1],
      [{ kind: 'affiliation-listed', affiliation: 'owner', bareJids: ['a@x'] }, 2],
    ]);
    expect(room.toRow()).toMatchObject({ owners: 1, members: 1 });
    applyRoomEvent(room, { kind: 'affiliation-set', bareJid: 'a@x', affiliation: 'none' }, 3);
    expect([...room.affiliations]).toEqual([['b@x', 'member']]);
  });
});

function copyEntry<V>(from: ReadonlyMap<string, V>, to: Map<string, V>, key: string): void {
  const value = from.get(key);
  if (value === undefined) to.delete(key);
  else to.set(key, value);
}
