import { beforeEach, expect, test } from '@jest/globals';
import { applyRoomEvent } from '@conference/muc';
import type { Room, RoomEvent } from '@conference/muc';
import type { FeedOccupant, FeedRoom, FeedRoomState, FeedSummary } from '@conference/muc-stanza';
import { FedRooms } from './fed-rooms.js';

let rooms: FedRooms;
let read: Room[];
let events: RoomEvent[];
let ends: string[];

beforeEach(() => {
  read = [];
  events = [];
  ends = [];
  rooms = new FedRooms(
    {
      onRoomRead: (room) => read.push(room),
      onDoubtfulDeparture: () => ends.push('doubtful departure'),
      onRoomEvent: (_roomId, event) => {
        events.push(event);
        const room = read.at(-1);
        if (room !== undefined) applyRoomEvent(room, event, 9_000);
      },
      onRoomGone: (roomId) => ends.push(`gone ${roomId}`),
      onRoomUnreadable: (roomId) => ends.push(`unreadable ${roomId}`),
      onSynchronised: () => undefined,
      onTrouble: () => undefined,
      onInterrupted: () => undefined,
    },
    () => 5_000,
  );
});

const CONFIGURATION = { name: 'Tea', description: '', maxUsers: 0, isPersistent: false };
const SUMMARY: FeedSummary = { configuration: CONFIGURATION, subject: '', creationMs: 1_000 };

function say(
  kind: 'first' | 'next' | 'change',
  state: Partial<FeedRoomState> = {},
  roomId = 'tea',
): FeedRoom {
  return {
    kind,
    roomId,
    occupants: [],
    affiliations: [],
    hasMore: false,
    hasTracker: false,
    ...state,
  };
}

function present(nick: string, role: 'moderator' | 'participant' = 'participant'): FeedOccupant {
  return { nick, role, affiliation: 'none', bareJid: `${nick}@localhost` };
}

function absent(nick: string): FeedOccupant {
  return { nick, role: 'none' };
}

function nicks(): string[] {
  return [...(read.at(-1)?.occupants.keys() ?? [])].sort();
}

test('a room told in one part is handed over whole, with the date that was told', () => {
  rooms.take(
    say('first', {
      summary: { ...SUMMARY, subject: 'cake', modificationMs: 2_000 },
      occupants: [present('anna', 'moderator')],
      affiliations: [{ bareJid: 'anna@localhost', affiliation: 'owner' }],
    }),
  );
  expect(read[0]?.isCreationTold).toBe(true);
  expect(read[0]?.toRow()).toMatchObject({
    roomId: 'tea',
    name: 'Tea',
    subject: 'cake',
    creationDate: '1970-01-01T00:00:01.000Z',
    modificationDate: '1970-01-01T00:00:02.000Z',
    occupants: 1,
    moderators: 1,
    owners: 1,
  });
  expect(events).toEqual([]);
});

test('a room without a date was first seen now', () => {
  rooms.take(say('first', { summary: { configuration: CONFIGURATION, subject: '' } }));
  expect(read[0]).toMatchObject({ isCreationTold: false, creationMs: 5_000, emptyMs: 5_000 });
});

test('a room told in parts is handed over once, when the last part is there', () => {
  rooms.take(say('first', { summary: SUMMARY, occupants: [present('anna')], hasMore: true }));
  rooms.take(say('next', { occupants: [present('bert')], hasMore: true }));
  expect(read).toEqual([]);
  rooms.take(say('next', { affiliations: [{ bareJid: 'x@localhost', affiliation: 'member' }] }));
  expect(read).toHaveLength(1);
  expect(nicks()).toEqual(['anna', 'bert']);
  expect(events).toEqual([]);
});

test('changes between the parts count, and do not make the room whole', () => {
  rooms.take(say('first', { summary: SUMMARY, occupants: [present('anna')], hasMore: true }));
  rooms.take(say('change', { occupants: [absent('anna'), present('carl')] }));
  expect(read).toEqual([]);
  rooms.take(say('next', { occupants: [absent('anna'), present('bert')] }));
  expect(nicks()).toEqual(['bert', 'carl']);
  expect(events).toEqual([]);
});

test('what is told of a known room becomes events, and none where nothing changed', () => {
  rooms.take(say('first', { summary: SUMMARY, occupants: [present('anna')] }));
  const change = say('change', {
    summary: { ...SUMMARY, subject: 'cake', modificationMs: 3_000 },
    occupants: [present('anna', 'moderator'), absent('nobody')],
    affiliations: [
      { bareJid: 'x@localhost', affiliation: 'outcast' },
      { bareJid: 'y@localhost', affiliation: 'none' },
    ],
  });
  rooms.take(change);
  expect(events).toEqual([
    { kind: 'configuration-changed', atMs: 3_000 },
    { kind: 'subject-set', subject: 'cake' },
    { kind: 'occupant-present', occupant: present('anna', 'moderator') },
    { kind: 'affiliation-set', bareJid: 'x@localhost', affiliation: 'outcast' },
  ]);
  rooms.take(change);
  expect(events).toHaveLength(4);
  rooms.take(say('change', { occupants: [absent('anna')] }));
  expect(events.at(-1)).toEqual({ kind: 'occupant-left', nick: 'anna' });
});

test('part of a room that nobody has told whole says nothing', () => {
  rooms.take(say('change', { occupants: [present('anna')] }));
  rooms.take(say('next', { occupants: [present('anna')] }));
  expect([read, events]).toEqual([[], []]);
});

test('a room told whole again replaces what was known', () => {
  rooms.take(say('first', { summary: SUMMARY, occupants: [present('anna')] }));
  rooms.take(say('first', { summary: SUMMARY, occupants: [present('bert')], hasMore: true }));
  expect(nicks()).toEqual(['anna']);
  rooms.take(say('next'));
  expect(nicks()).toEqual(['bert']);
});

test.each(['gone', 'unreadable'] as const)('after %s nothing of the room is known', (kind) => {
  rooms.take(say('first', { summary: SUMMARY, hasMore: true }));
  rooms.take(say('first', { summary: SUMMARY }, 'other'));
  rooms.take({ kind, roomId: 'tea' });
  rooms.take(say('next', { occupants: [present('anna')] }));
  rooms.take({ kind, roomId: 'other' });
  rooms.take(say('change', { occupants: [present('anna')] }, 'other'));
  expect(ends).toEqual([`${kind} tea`, `${kind} other`]);
  expect(read.map(({ roomId }) => roomId)).toEqual(['other']);
  expect(events).toEqual([]);
});

test('an empty room is not empty since before it was made, though our clock be behind', () => {
  rooms.take(say('first', { summary: { ...SUMMARY, creationMs: 8_000 } }));
  expect(read[0]?.emptyMs).toBe(8_000);
});
