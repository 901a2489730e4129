import { beforeEach, describe, expect, test } from '@jest/globals';
import { applyRoomEvent, Room } from '@conference/muc';
import type { RoomEvent, RoomRow } from '@conference/muc';
import { createMetricsRegistry, createSilentLogger } from '@conference/service-runtime';
import { eventually } from '../../../test/support/eventually.js';
import { DOUBT_MS } from './doubtful-departures.js';
import { RoomProjection } from './room-projection.js';
import { createTrackerMetrics } from './tracker-metrics.js';

const SERVICE = 'conference.localhost';
const ISO_1970 = '1970-01-01T00:00:01.000Z';
const registry = createMetricsRegistry();
const metrics = createTrackerMetrics(registry)(SERVICE);

let nowMs: number;
/** How much later a clock would be that nobody sets. */
let setBackMs: number;
let told: string[];
/** As it was told with the last live picture. */
let followedSinceMs: number | undefined;
let projection: RoomProjection;

beforeEach(() => {
  registry.resetMetrics();
  nowMs = 1_000_000;
  setBackMs = 0;
  told = [];
  followedSinceMs = undefined;
  projection = new RoomProjection({
    metrics,
    logger: createSilentLogger(),
    now: () => nowMs,
    monotonicMs: () => nowMs + setBackMs,
    listener: {
      onRoomChanged: (roomId, isWhole) => told.push(`${isWhole ? 'whole' : 'changed'} ${roomId}`),
      onRoomRemoved: (roomId) => told.push(`removed ${roomId}`),
      onEverythingChanged: () => {
        for (const roomId of projection.rooms.keys()) told.push(`whole ${roomId}`);
      },
      onPictureLive: (sinceMs) => {
        told.push('live');
        followedSinceMs = sinceMs;
      },
      onPictureStale: (sinceMs) => told.push(`stale ${sinceMs}`),
    },
  });
});

/** A room as a feed reads it now, with these occupants. */
function read(roomId: string, nicks: readonly string[] = ['A']): Room {
  const room = new Room(roomId, nowMs);
  for (const nick of nicks) applyRoomEvent(room, present(nick), nowMs);
  return room;
}

function present(nick: string): RoomEvent {
  return {
    kind: 'occupant-present',
    occupant: { nick, role: 'participant', affiliation: 'none' },
  };
}

/** Everything of one connection: rooms are read, then all is said to be read. */
function synchronise(...rooms: readonly Room[]): void {
  for (const room of rooms) projection.onRoomRead(room);
  projection.onSynchronised();
}

/** What was told since the last call. */
function takeTold(): string[] {
  return told.splice(0);
}

function rowOf(roomId: string): RoomRow | undefined {
  return projection.rooms.get(roomId)?.toRow();
}

async function drift(): Promise<number | undefined> {
  const metric = await registry.getSingleMetric('conference_tracker_drift_rooms_total')?.get();
  return metric?.values[0]?.value;
}

describe('the first picture', () => {
  test('is told only when everything is read and the store has been seen, in either order', () => {
    projection.onRoomRead(read('a'));
    projection.onRoomEvent('a', present('B'));
    projection.onSynchronised();
    expect(takeTold()).toEqual([]);
    expect(projection.isSynchronised).toBe(false);
    projection.adoptStored([]);
    expect(takeTold()).toEqual(['whole a', 'live']);
    expect(projection.isSynchronised).toBe(true);
    expect(rowOf('a')).toMatchObject({ occupants: 2 });
  });

  test('of a service without rooms is a picture too', () => {
    projection.adoptStored([]);
    expect(takeTold()).toEqual([]);
    projection.onSynchronised();
    expect(takeTold()).toEqual(['live']);
  });

  test('takes the dates of stored rows, and removes what is stored and no longer there', () => {
    const stored = read('a');
    stored.creationMs = 1_000;
    stored.modificationMs = 2_000;
    projection.adoptStored([stored.toRow(), read('old').toRow()]);
    synchronise(read('a'), read('new'));
    expect(takeTold()).toEqual(['removed old', 'whole a', 'whole new', 'live']);
    expect(rowOf('a')).toMatchObject({
      creationDate: '1970-01-01T00:00:01.000Z',
      modificationDate: '1970-01-01T00:00:02.000Z',
    });
    expect(rowOf('new')?.creationDate).toBe('1970-01-01T00:16:40.000Z');
  });

  test('keeps since when a stored room is empty', () => {
    const stored = read('a', []);
    nowMs += 5_000;
    projection.adoptStored([stored.toRow()]);
    synchronise(read('a', []));
    expect(rowOf('a')?.emptyDate).toBe('1970-01-01T00:16:40.000Z');
  });
});

describe('while synchronised', () => {
  beforeEach(() => {
    projection.adoptStored([]);
    synchronise(read('a'));
    takeTold();
  });

  test('an event changes its room, and only what changed is written', () => {
    projection.onRoomEvent('a', present('B'));
    expect(takeTold()).toEqual(['changed a']);
    expect(rowOf('a')).toMatchObject({ occupants: 2 });
  });

  test('an event of an unknown room is nothing', () => {
    projection.onRoomEvent('x', present('B'));
    expect(takeTold()).toEqual([]);
  });

  test('a room that is read again is written whole and keeps its dates', () => {
    nowMs += 10_000;
    projection.onRoomRead(read('a', ['C', 'D']));
    expect(takeTold()).toEqual(['whole a']);
    expect(rowOf('a')).toMatchObject({ occupants: 2, creationDate: '1970-01-01T00:16:40.000Z' });
  });

  test('a room that is gone is removed once, and a later one of its name is new', () => {
    projection.onRoomGone('a');
    projection.onRoomGone('a');
    projection.onRoomGone('never seen');
    expect(takeTold()).toEqual(['removed a']);
    nowMs += 10_000;
    projection.onRoomRead(read('a'));
    expect(takeTold()).toEqual(['whole a']);
    expect(rowOf('a')?.creationDate).toBe('1970-01-01T00:16:50.000Z');
  });

  test('a room that cannot be read any more stays as it was known', () => {
    projection.onRoomUnreadable('a');
    expect(takeTold()).toEqual([]);
    expect(rowOf('a')).toMatchObject({ occupants: 1 });
  });
});

describe('an interruption', () => {
  beforeEach(() => {
    projection.adoptStored([]);
    synchronise(read('a'), read('b'), read('c'));
    takeTold();
    nowMs = 2_000_000;
    projection.onInterrupted();
  });

  test('says since when the picture is stale, once', () => {
    nowMs = 3_000_000;
    projection.onInterrupted();
    projection.onInterrupted();
    expect(takeTold()).toEqual(['stale 2000000']);
    expect(projection.isSynchronised).toBe(false);
  });

  test('writes nothing until everything is read, and then the differences', async () => {
    takeTold();
    nowMs = 3_000_000;
    projection.onRoomRead(read('a'));
    projection.onRoomRead(read('b', ['A', 'B']));
    projection.onRoomEvent('a', present('B'));
    projection.onRoomEvent('c', { kind: 'occupant-left', nick: 'A' });
    expect(takeTold()).toEqual([]);
    expect([rowOf('a')?.occupants, rowOf('b')?.occupants, rowOf('c')?.occupants]).toEqual([
      1, 1, 1,
    ]);
    projection.onRoomRead(read('d'));
    projection.onSynchronised();
    expect(takeTold()).toEqual(['removed c', 'whole a', 'whole b', 'whole d', 'live']);
    expect([rowOf('a')?.occupants, rowOf('b')?.occupants, rowOf('c')]).toEqual([2, 2, undefined]);
    expect(rowOf('a')?.creationDate).toBe('1970-01-01T00:16:40.000Z');
    // What happened in a was told; only b had changed unseen.
    expect(await drift()).toBe(1);
  });

  test('finds no drift where nothing changed', async () => {
    synchronise(read('a'), read('b'), read('c'));
    expect(await drift()).toBe(0);
    expect(rowOf('a')?.modificationDate).toBe('1970-01-01T00:16:40.000Z');
  });

  test('dates a change of the configuration that nobody saw', () => {
    nowMs = 3_000_000;
    const changed = read('a');
    const configuration = { name: 'N', description: '', maxUsers: 0, isPersistent: false };
    applyRoomEvent(changed, { kind: 'configuration-read', configuration }, nowMs);
    synchronise(changed, read('b'), read('c'));
    expect(rowOf('a')?.modificationDate).toBe('1970-01-01T00:50:00.000Z');
    expect(rowOf('b')?.modificationDate).toBe('1970-01-01T00:16:40.000Z');
  });

  test('keeps a room that exists and cannot be read', () => {
    projection.onRoomUnreadable('b');
    takeTold();
    synchronise(read('a'));
    expect(takeTold()).toEqual(['removed c', 'whole a', 'whole b', 'live']);
    expect(rowOf('b')).toMatchObject({ occupants: 1 });
    projection.onRoomGone('b');
    expect(takeTold()).toEqual(['removed b']);
  });

  test('keeps nothing of a room that was unreadable in an earlier connection only', () => {
    projection.onRoomUnreadable('b');
    projection.onInterrupted();
    takeTold();
    synchronise(read('a'));
    expect(takeTold()).toEqual(['removed b', 'removed c', 'whole a', 'live']);
  });

  test('a room that ends and comes again meanwhile is a new room', () => {
    takeTold();
    nowMs = 3_000_000;
    projection.onRoomRead(read('a'));
    projection.onRoomGone('a');
    nowMs = 4_000_000;
    projection.onRoomRead(read('a'));
    synchronise(read('b'), read('c'));
    expect(takeTold()).toEqual(['whole a', 'whole b', 'whole c', 'live']);
    expect(rowOf('a')?.creationDate).toBe('1970-01-01T01:06:40.000Z');
  });

  test('a second one drops what was read during the first', () => {
    projection.onRoomRead(read('x'));
    projection.onInterrupted();
    takeTold();
    synchronise(read('a'), read('b'), read('c'));
    expect(takeTold()).toEqual(['whole a', 'whole b', 'whole c', 'live']);
    expect(rowOf('x')).toBeUndefined();
  });
});

describe('stored rows of rooms that could not be read', () => {
  beforeEach(() => {
    const stored = read('a');
    stored.creationMs = 1_000;
    stored.modificationMs = 1_000;
    projection.adoptStored([stored.toRow()]);
    projection.onRoomUnreadable('a');
    projection.onSynchronised();
  });

  test('stay stored', () => {
    expect(takeTold()).toEqual(['live']);
  });

  test('give their dates to the room when it can be read', () => {
    takeTold();
    projection.onRoomRead(read('a'));
    expect(takeTold()).toEqual(['whole a']);
    expect(rowOf('a')?.creationDate).toBe('1970-01-01T00:00:01.000Z');
  });

  test('are removed when the room turns out to be gone, and then forgotten', () => {
    takeTold();
    projection.onRoomGone('a');
    expect(takeTold()).toEqual(['removed a']);
    nowMs += 1_000;
    projection.onRoomRead(read('a'));
    expect(rowOf('a')?.creationDate).toBe('1970-01-01T00:16:41.000Z');
  });
});

describe('a picture of very many rooms', () => {
  const COUNT = 40_000;
  const names = Array.from({ length: COUNT }, (_, index) => `r${index}`);

  /** Resolves when the picture is live. */
  async function untilLive(): Promise<void> {
    await eventually(() => projection.isSynchronised);
  }

  test('is settled in slices, in which events go on being applied, and rooms come and go', async () => {
    for (const name of names) projection.onRoomRead(read(name));
    projection.onSynchronised();
    const stored = names.map((name) => ({ ...read(name).toRow(), creationDate: ISO_1970 }));
    projection.adoptStored([...stored, read('old').toRow(), read('late').toRow()]);
    expect(projection.isSynchronised).toBe(false);
    projection.onRoomEvent('r7', present('B'));
    projection.onRoomGone('r8');
    projection.onRoomRead(read('late'));
    await untilLive();
    const [removed, whole] = [told.slice(0, 2), told[2]];
    expect([new Set(removed), whole]).toEqual([new Set(['removed old', 'removed r8']), 'whole r0']);
    expect(rowOf('r7')).toMatchObject({ occupants: 2, creationDate: ISO_1970 });
    expect(rowOf('r8')).toBeUndefined();
    expect(rowOf('late')).toBeDefined();
    expect(projection.rooms.occupantCount).toBe(COUNT + 1);
    expect(new Set(names.map((name) => rowOf(name)?.creationDate))).toEqual(
      new Set([ISO_1970, undefined]),
    );
  });

  test('that is interrupted while it is settled is not shown', async () => {
    for (const name of names) projection.onRoomRead(read(name));
    projection.onSynchronised();
    projection.adoptStored(names.map((name) => read(name).toRow()));
    projection.onInterrupted();
    projection.onRoomRead(read('only'));
    projection.onSynchronised();
    await untilLive();
    expect([...projection.rooms.keys()]).toEqual(['only']);
  });
});

describe('since when it is followed', () => {
  test('counts from when everything had been read, not from when the store took it', () => {
    nowMs = 2_000;
    synchronise(read('a'));
    nowMs = 3_000;
    projection.adoptStored([]);
    expect(followedSinceMs).toBe(2_000);
  });

  test('begins anew after an interruption', () => {
    projection.adoptStored([]);
    nowMs = 2_000;
    synchronise(read('a'));
    expect(followedSinceMs).toBe(2_000);
    projection.onInterrupted();
    nowMs = 4_000;
    synchronise(read('a'));
    expect(followedSinceMs).toBe(4_000);
  });
});

describe('a link that goes moments after departures in doubt', () => {
  function leave(roomId: string, nick: string): void {
    projection.onDoubtfulDeparture(roomId, nick);
    projection.onRoomEvent(roomId, { kind: 'occupant-left', nick });
  }

  function rows(): (RoomRow | undefined)[] {
    return ['a', 'b'].map((roomId) => projection.rooms.get(roomId)?.toRow());
  }

  beforeEach(() => {
    projection.adoptStored([]);
    synchronise(read('a', ['A', 'B']), read('b'));
    takeTold();
  });

  test('takes them back, an emptiness and its date too, before all is stale', () => {
    const before = rows();
    nowMs += 100;
    leave('a', 'A');
    leave('a', 'B');
    leave('b', 'A');
    expect(rows().map((row) => row?.emptyDate === undefined)).toEqual([false, false]);
    takeTold();
    nowMs += DOUBT_MS;
    projection.onLinkLost();
    expect(rows()).toEqual(before);
    expect(takeTold()).toEqual(['changed b', 'changed a', 'changed a', `stale ${nowMs}`]);
  });

  test('brings back a temporary room that ended with them', () => {
    const before = rows();
    projection.onDoubtfulDeparture('b', 'A');
    projection.onRoomGone('b');
    takeTold();
    projection.onLinkLost();
    expect(rows()).toEqual(before);
    expect(takeTold()).toEqual(['whole b', `stale ${nowMs}`]);
  });

  test('takes back none that is older, nor one that was no doubt', () => {
    leave('b', 'A');
    nowMs += DOUBT_MS + 1;
    projection.onRoomEvent('a', { kind: 'occupant-left', nick: 'A' });
    projection.onLinkLost();
    expect(rows().map((row) => row?.occupants)).toEqual([1, 0]);
  });

  test('takes back none that is older though the clock was set back meanwhile', () => {
    leave('b', 'A');
    nowMs -= DOUBT_MS;
    setBackMs = 2 * DOUBT_MS + 1;
    projection.onLinkLost();
    expect(rows().map((row) => row?.occupants)).toEqual([2, 0]);
  });

  test('leaves alone who has taken the nick, and a room that was read again', () => {
    leave('a', 'A');
    projection.onRoomEvent('a', present('A'));
    leave('b', 'A');
    const again = read('b', []);
    projection.onRoomRead(again);
    takeTold();
    projection.onLinkLost();
    expect(rows().map((row) => row?.occupants)).toEqual([2, 0]);
    expect(takeTold()).toEqual([`stale ${nowMs}`]);
  });

  test('takes nothing back a second time', () => {
    leave('b', 'A');
    projection.onLinkLost();
    takeTold();
    projection.onLinkLost();
    expect(takeTold()).toEqual([]);
  });
});
