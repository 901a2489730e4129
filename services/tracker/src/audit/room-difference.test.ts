import { describe, expect, test } from '@jest/globals';
import { applyRoomEvent, LISTED_AFFILIATIONS, PRESENT_ROLES, Room } from '@conference/muc';
import type { Affiliation, Occupant, RoomEvent } from '@conference/muc';
import * as fc from 'fast-check';
import type { RoomPart } from '../room-feed.js';
import { compareRoomPart, isTouched } from './room-difference.js';
import type { Difference } from './room-difference.js';

const NICKS = ['anna', 'bert', '__proto__', '\u{1f600}'];
const JIDS = ['anna@localhost', 'constructor@localhost', 'example.net'];

function occupant(nick: string, role: Occupant['role'] = 'participant'): Occupant {
  return { nick, role, affiliation: 'none', bareJid: `${nick}@localhost` };
}

function roomOf(...events: readonly RoomEvent[]): Room {
  const room = new Room('tea', 0);
  for (const event of events) applyRoomEvent(room, event, 0);
  return room;
}

function differences(room: Room, ...parts: readonly RoomPart[]): Difference[] {
  return parts.flatMap((part) => [...compareRoomPart(room, part)]);
}

/** All that the server would say of a room that is like this one. */
function partsOf(room: Room): RoomPart[] {
  const people = [...room.occupants.values()];
  const affiliations = [...room.affiliations];
  return [
    { kind: 'configuration', configuration: room.configuration },
    { kind: 'subject', subject: room.subject },
    ...PRESENT_ROLES.map((role): RoomPart => {
      return { kind: 'role', role, occupants: people.filter((each) => each.role === role) };
    }),
    ...LISTED_AFFILIATIONS.map((affiliation): RoomPart => {
      const listed = affiliations.filter(([, each]) => each === affiliation);
      return { kind: 'affiliation', affiliation, bareJids: listed.map(([bareJid]) => bareJid) };
    }),
  ];
}

const event: fc.Arbitrary<RoomEvent> = fc.oneof(
  fc.record({
    kind: fc.constant('occupant-present' as const),
    occupant: fc
      .tuple(fc.constantFrom(...NICKS), fc.constantFrom(...PRESENT_ROLES))
      .map(([nick, role]) => occupant(nick, role)),
  }),
  fc.record({ kind: fc.constant('occupant-left' as const), nick: fc.constantFrom(...NICKS) }),
  fc.record({
    kind: fc.constant('nick-changed' as const),
    nick: fc.constantFrom(...NICKS),
    newNick: fc.constantFrom(...NICKS),
  }),
  fc.record({
    kind: fc.constant('affiliation-set' as const),
    bareJid: fc.constantFrom(...JIDS),
    affiliation: fc.constantFrom<Affiliation[]>('none', ...LISTED_AFFILIATIONS),
  }),
  fc.record({
    kind: fc.constant('affiliation-listed' as const),
    affiliation: fc.constantFrom(...LISTED_AFFILIATIONS),
    bareJids: fc.subarray(JIDS),
  }),
  fc.record({ kind: fc.constant('subject-set' as const), subject: fc.constantFrom('', 'tea') }),
  fc.record({
    kind: fc.constant('configuration-read' as const),
    configuration: fc.record({
      name: fc.constantFrom('', 'Tea'),
      description: fc.constant(''),
      maxUsers: fc.constantFrom(0, 20),
      isPersistent: fc.boolean(),
    }),
  }),
);
const events = fc.array(event, { maxLength: 30 });

describe('what is known against what is told', () => {
  test('a room that is as it is told has no difference, whatever happened in it', () => {
    fc.assert(
      fc.property(events, (happened) => {
        const room = roomOf(...happened);
        expect(differences(room, ...partsOf(room))).toEqual([]);
      }),
    );
  });

  test('whatever one event changes is a difference that this event touches', () => {
    fc.assert(
      fc.property(events, event, (happened, missed) => {
        const known = roomOf(...happened);
        const told = roomOf(...happened, missed);
        const isChanged = JSON.stringify(partsOf(known)) !== JSON.stringify(partsOf(told));
        const found = differences(known, ...partsOf(told));
        expect(found.every((difference) => isTouched(difference, missed))).toBe(true);
        // The order in which people or JIDs were told is none.
        if (found.length > 0) expect(isChanged).toBe(true);
        if (isChanged && known.toRow().occupants !== told.toRow().occupants) {
          expect(found.length).toBeGreaterThan(0);
        }
      }),
    );
  });

  test('each kind is named, with what is known and what is told', () => {
    const room = roomOf(
      { kind: 'occupant-present', occupant: occupant('anna') },
      { kind: 'occupant-present', occupant: occupant('ghost') },
      { kind: 'affiliation-set', bareJid: 'anna@localhost', affiliation: 'owner' },
    );
    expect(
      differences(
        room,
        { kind: 'role', role: 'moderator', occupants: [occupant('anna')] },
        { kind: 'role', role: 'visitor', occupants: [occupant('carl')] },
        { kind: 'affiliation', affiliation: 'owner', bareJids: [] },
        { kind: 'affiliation', affiliation: 'admin', bareJids: ['carl@localhost'] },
        { kind: 'subject', subject: 'cake' },
        { kind: 'absent' },
      ),
    ).toEqual([
      { kind: 'occupant', key: 'anna', known: 'participant', told: 'moderator' },
      { kind: 'occupant', key: 'carl', known: 'none', told: 'visitor' },
      { kind: 'affiliation', key: 'anna@localhost', known: 'owner', told: 'none' },
      { kind: 'affiliation', key: 'carl@localhost', known: 'none', told: 'admin' },
      { kind: 'subject', key: '', known: '', told: 'cake' },
      { kind: 'room', key: '', known: 'there', told: 'none' },
    ]);
  });

  test('somebody else under the same nick is a difference, somebody whose JID is hidden is none', () => {
    const room = roomOf({ kind: 'occupant-present', occupant: occupant('anna') });
    const told = (bareJid?: string): RoomPart => ({
      kind: 'role',
      role: 'participant',
      occupants: [{ nick: 'anna', ...(bareJid === undefined ? {} : { bareJid }) }],
    });
    expect(differences(room, told())).toEqual([]);
    expect(differences(room, told('impostor@localhost'))).toEqual([
      { kind: 'occupant', key: 'anna', known: 'participant', told: 'participant, somebody else' },
    ]);
  });
});
