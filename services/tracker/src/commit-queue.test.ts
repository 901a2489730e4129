import { describe, expect, test } from '@jest/globals';
import { applyRoomEvent, Room } from '@conference/muc';
import type { Occupant, RoomEvent } from '@conference/muc';
import { createMemoryRoomStore } from '@conference/room-store';
import type { Commit, RoomStore } from '@conference/room-store';
import fc from 'fast-check';
import { CommitQueue } from './commit-queue.js';

const ROOM_IDS = ['a', '__proto__', 'café|site'];
const NICKS = ['Alice', '__proto__', 'Bob'];
const JIDS = ['alice@localhost', 'constructor'];

function occupantOf(nick: string): Occupant {
  return { nick, role: 'participant', affiliation: 'none' };
}

const roomEvent: fc.Arbitrary<RoomEvent> = fc.oneof(
  fc
    .constantFrom(...NICKS)
    .map((nick) => ({ kind: 'occupant-present', occupant: occupantOf(nick) }) as const),
  fc.record({ kind: fc.constant('occupant-left'), nick: fc.constantFrom(...NICKS) }),
  fc.record({
    kind: fc.constant('nick-changed'),
    nick: fc.constantFrom(...NICKS),
    newNick: fc.constantFrom(...NICKS),
  }),
  fc.record({
    kind: fc.constant('affiliation-set'),
    bareJid: fc.constantFrom(...JIDS),
    affiliation: fc.constantFrom('owner', 'member', 'none'),
  }),
);
type Step =
  | { readonly kind: 'event'; readonly roomId: string; readonly event: RoomEvent }
  | { readonly kind: 'read' | 'gone'; readonly roomId: string }
  | { readonly kind: 'everything' }
  | { readonly kind: 'commit'; readonly maximum: number };
const roomId = fc.constantFrom(...ROOM_IDS);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('event'), roomId, event: roomEvent }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('read'), roomId }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('gone'), roomId }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'everything' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('commit'), maximum: fc.integer({ min: 1, max: 2 }) }),
  },
);

/** What the store tells of every room, with details in a fixed order. */
async function contentOf(store: RoomStore): Promise<unknown> {
  const { rows } = await store.readSnapshot();
  const details = await Promise.all(rows.map((row) => store.readRoom(row.roomId)));
  return new Map(
    details.flatMap((detail) =>
      detail === undefined
        ? []
        : [
            [
              detail.row.roomId,
              {
                row: detail.row,
                occupants: new Map(detail.occupants.map((one) => [one.nick, one])),
                affiliations: new Map(
                  detail.affiliations.map((one) => [one.bareJid, one.affiliation]),
                ),
              },
            ],
          ],
    ),
  );
}

function contentOfRooms(rooms: ReadonlyMap<string, Room>): unknown {
  return new Map(
    [...rooms].map(([id, room]) => [
      id,
      {
        row: room.toRow(),
        occupants: new Map(room.occupants),
        affiliations: new Map(room.affiliations),
      },
    ]),
  );
}

test('a store that gets the commits holds exactly the rooms, details included', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const store = createMemoryRoomStore('conference.localhost');
      const writer = await store.openWriter();
      const rooms = new Map<string, Room>();
      const queue = new CommitQueue();
      for (const [atMs, given] of steps.entries()) {
        switch (given.kind) {
          case 'event': {
            const room = rooms.get(given.roomId);
            if (room === undefined) break;
            applyRoomEvent(room, given.event, atMs);
            queue.put(given.roomId, false, atMs);
            break;
          }
          case 'read':
            rooms.set(given.roomId, new Room(given.roomId, atMs));
            queue.put(given.roomId, true, atMs);
            break;
          case 'gone':
            rooms.delete(given.roomId);
            queue.remove(given.roomId, atMs);
            break;
          case 'everything':
            queue.putEverything(rooms, atMs);
            break;
          case 'commit': {
            const commit = queue.take(rooms, given.maximum);
            if (commit !== undefined) await writer.commit(commit);
            break;
          }
        }
      }
      for (;;) {
        const commit = queue.take(rooms, 2);
        if (commit === undefined) break;
        await writer.commit(commit);
      }
      expect(await contentOf(store)).toEqual(contentOfRooms(rooms));
    }),
  );
});

describe('the queue', () => {
  const live = { state: 'live' } as const;

  function roomsWith(count: number): Map<string, Room> {
    return new Map(Array.from({ length: count }, (_, i) => [`r${i}`, new Room(`r${i}`, 0)]));
  }

  function sizesOf(commits: readonly (Commit | undefined)[]): unknown {
    return commits.map((commit) => commit?.changes.length);
  }

  test('is empty at first and gives nothing', () => {
    const queue = new CommitQueue();
    expect([queue.isEmpty, queue.size]).toEqual([true, 0]);
    expect(queue.take(new Map(), 10)).toBeUndefined();
  });

  test('makes one change of many events in a room, as large as what changed', () => {
    const queue = new CommitQueue();
    const rooms = roomsWith(1);
    const room = rooms.get('r0')!;
    for (let i = 0; i < 10_000; i += 1) room.putOccupant(occupantOf(`n${i}`));
    room.takeTouched();
    for (const nick of ['new', 'newer', 'new']) {
      room.putOccupant(occupantOf(nick));
      queue.put('r0', false, 7);
    }
    room.removeOccupant('newer');
    queue.put('r0', false, 9);
    expect(queue.size).toBe(1);
    const commit = queue.take(rooms, 10)!;
    expect(commit.observedAtMs).toBe(7);
    expect(commit.changes).toEqual([
      {
        kind: 'put',
        row: expect.objectContaining({ occupants: 10_001 }),
        details: {
          occupantsPut: [occupantOf('new')],
          occupantsRemoved: ['newer'],
          affiliationsPut: [],
          affiliationsRemoved: [],
        },
      },
    ]);
    expect(queue.isEmpty).toBe(true);
  });

  test('gives the picture with the last of its changes, not before', () => {
    const queue = new CommitQueue();
    const rooms = roomsWith(5);
    for (const id of rooms.keys()) queue.put(id, true, 1);
    queue.setPicture(live);
    const commits = [queue.take(rooms, 2), queue.take(rooms, 2), queue.take(rooms, 2)];
    expect(sizesOf(commits)).toEqual([2, 2, 1]);
    expect(commits.map((commit) => commit?.picture)).toEqual([undefined, undefined, live]);
    expect(queue.take(rooms, 2)).toBeUndefined();
  });

  test('gives a picture alone', () => {
    const queue = new CommitQueue();
    queue.setPicture({ state: 'stale', since: '2026-01-01T00:00:00.000Z' });
    expect(queue.isEmpty).toBe(false);
    expect(queue.take(new Map(), 2)).toEqual({
      changes: [],
      picture: { state: 'stale', since: '2026-01-01T00:00:00.000Z' },
    });
  });

  test('removes a room that is gone by the time it is written', () => {
    const queue = new CommitQueue();
    queue.put('r0', false, 1);
    expect(queue.take(new Map(), 2)?.changes).toEqual([{ kind: 'remove', roomId: 'r0' }]);
  });

  test('writes a room whole that was removed and came again', () => {
    const queue = new CommitQueue();
    const rooms = roomsWith(1);
    queue.remove('r0', 1);
    queue.put('r0', false, 2);
    queue.put('r0', false, 3);
    expect(queue.take(rooms, 2)?.changes).toMatchObject([
      { kind: 'put', details: { isWhole: true } },
    ]);
  });

  test('gives everything behind what happens, each room whole, then the picture', () => {
    const queue = new CommitQueue();
    const rooms = roomsWith(4);
    queue.putEverything(rooms, 1);
    queue.setPicture(live);
    expect(queue.size).toBe(4);
    expect(queue.take(rooms, 2)?.changes).toMatchObject([
      { row: { roomId: 'r0' }, details: { isWhole: true } },
      { row: { roomId: 'r1' }, details: { isWhole: true } },
    ]);
    rooms.set('r4', new Room('r4', 0));
    queue.put('r4', true, 2);
    rooms.delete('r2');
    queue.remove('r2', 2);
    const rest = [queue.take(rooms, 3), queue.take(rooms, 3)];
    expect(rest[0]?.changes).toMatchObject([
      { row: { roomId: 'r4' } },
      { kind: 'remove', roomId: 'r2' },
      { row: { roomId: 'r3' } },
    ]);
    expect(rest[1]).toMatchObject({ picture: live });
    expect(queue.isEmpty).toBe(true);
  });

  test('takes fewer rooms where their texts are long', () => {
    const queue = new CommitQueue();
    const rooms = roomsWith(4);
    for (const room of rooms.values()) room.subject = 's'.repeat(300_000);
    for (const id of rooms.keys()) queue.put(id, false, 1);
    expect(sizesOf([queue.take(rooms, 10), queue.take(rooms, 10)])).toEqual([2, 2]);
  });

  test('gives the details of a very large room in several commits, and the picture with the last', async () => {
    const store = createMemoryRoomStore('conference.localhost');
    const writer = await store.openWriter();
    const queue = new CommitQueue();
    const rooms = roomsWith(2);
    const hall = rooms.get('r0')!;
    for (let i = 0; i < 20_000; i += 1) hall.putOccupant(occupantOf(`n${i}`));
    queue.putEverything(rooms, 1);
    queue.setPicture(live);
    let commits = 0;
    for (;;) {
      const commit = queue.take(rooms, 500);
      if (commit === undefined) break;
      for (const change of commit.changes) {
        const details = change.kind === 'put' ? change.details : undefined;
        expect(details?.occupantsPut?.length).toBeLessThanOrEqual(2_000);
      }
      expect(commit.picture).toEqual(queue.isEmpty ? live : undefined);
      await writer.commit(commit);
      commits += 1;
    }
    expect(commits).toBeGreaterThan(2);
    expect(await contentOf(store)).toEqual(contentOfRooms(rooms));
  });

  test('forgets all when told to', () => {
    const queue = new CommitQueue();
    queue.put('r0', true, 1);
    queue.putEverything(roomsWith(1), 1);
    queue.setPicture(live);
    queue.clear();
    expect(queue.take(roomsWith(1), 2)).toBeUndefined();
  });
});
