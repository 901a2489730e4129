import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ConferenceError, Room } from '@conference/muc';
import type { ErrorCode, RoomRow } from '@conference/muc';
import { createMemoryRoomStore } from '@conference/room-store';
import type { Commit, RoomStore, RoomWriter, WriterStatus } from '@conference/room-store';
import { createMetricsRegistry, createSilentLogger } from '@conference/service-runtime';
import { eventually, withDeadline } from '../../../test/support/eventually.js';
import { Publisher } from './publisher.js';
import { createTrackerMetrics } from './tracker-metrics.js';

const SERVICE = 'conference.localhost';
const STATUS: WriterStatus = { dependencies: [], metrics: '' };

/** A memory store that counts what is written, and fails on command. */
class WatchedStore {
  readonly inner: RoomStore = createMemoryRoomStore(SERVICE);
  readonly commits: Commit[] = [];
  resets = 0;
  attempts = 0;
  /** While set, every call fails so. */
  fault: ErrorCode | undefined;
  /** As after a flush: what was written is gone, until the next reset. */
  isLost = false;

  readonly store: RoomStore = {
    mucService: SERVICE,
    openWriter: async () => {
      this.#attempt();
      return this.#watch(await this.inner.openWriter());
    },
    readSnapshot: () => {
      this.#attempt();
      return this.inner.readSnapshot();
    },
    follow: (cursor, signal) => this.inner.follow(cursor, signal),
    readRoom: (roomId) => this.inner.readRoom(roomId),
    readWriterReport: () => this.inner.readWriterReport(),
    reportWaiting: async (status) => {
      if (this.fault !== undefined) throw new ConferenceError(this.fault, 'the store is away');
      await this.inner.reportWaiting(status);
    },
    readWaitingReport: () => this.inner.readWaitingReport(),
    close: () => this.inner.close(),
  };

  #watch(writer: RoomWriter): RoomWriter {
    return {
      epoch: writer.epoch,
      commit: async (commit) => {
        this.#attempt();
        if (this.isLost) throw new ConferenceError('store-lost', 'flushed');
        const revision = await writer.commit(commit);
        this.commits.push(commit);
        return revision;
      },
      reset: async () => {
        this.#attempt();
        const revision = await writer.reset();
        this.resets += 1;
        this.isLost = false;
        return revision;
      },
      report: async (status) => {
        this.#attempt();
        await writer.report(status);
      },
    };
  }

  #attempt(): void {
    this.attempts += 1;
    if (this.fault !== undefined) throw new ConferenceError(this.fault, 'the store is away');
  }
}

let watched: WatchedStore;
let rooms: Map<string, Room>;
let storedRows: (readonly RoomRow[])[];
let onStoredRows: (rows: readonly RoomRow[]) => void;
let publisher: Publisher;
/** How often a report was due at once. */
let dueReports: number;

beforeEach(() => {
  watched = new WatchedStore();
  rooms = new Map();
  storedRows = [];
  dueReports = 0;
  onStoredRows = () => undefined;
  publisher = createPublisher();
});

afterEach(() => publisher.stop(0));

function createPublisher(): Publisher {
  return new Publisher({
    store: watched.store,
    rooms: () => rooms,
    onStoredRows: (rows) => {
      storedRows.push(rows);
      onStoredRows(rows);
    },
    onReportDue: () => (dueReports += 1),
    delayMs: 5,
    metrics: createTrackerMetrics(createMetricsRegistry())(SERVICE),
    logger: createSilentLogger(),
    now: () => 1_000,
    random: () => 0,
  });
}

function putRoom(roomId: string, occupants = 0): Room {
  const room = rooms.get(roomId) ?? new Room(roomId, 0);
  rooms.set(roomId, room);
  for (let i = 0; i < occupants; i += 1) {
    room.putOccupant({ nick: `n${i}`, role: 'visitor', affiliation: 'none' });
  }
  publisher.put(roomId, true);
  return room;
}

async function untilWriting(): Promise<void> {
  await eventually(() => publisher.status.state === 'writing', Boolean, { what: 'the writer' });
}

/** Waits until the store holds exactly the rooms, under this picture. */
async function untilStored(picture: string): Promise<void> {
  await eventually(
    () => watched.inner.readSnapshot(),
    (snapshot) =>
      snapshot.picture.state === picture &&
      JSON.stringify(sorted(snapshot.rows)) === JSON.stringify(expectedRows()),
    { what: `the store to be ${picture} and to hold all rooms`, intervalMs: 5 },
  );
}

function expectedRows(): RoomRow[] {
  return sorted([...rooms.values()].map((room) => room.toRow()));
}

function sorted(rows: readonly RoomRow[]): RoomRow[] {
  return [...rows].sort((a, b) => (a.roomId < b.roomId ? -1 : 1));
}

describe('writing', () => {
  test('begins with what the store holds', async () => {
    const before = await watched.inner.openWriter();
    const row = new Room('old', 0).toRow();
    await before.commit({ changes: [{ kind: 'put', row }], picture: { state: 'live' } });
    expect(publisher.status).toMatchObject({ state: 'idle' });
    publisher.takeOver();
    await untilWriting();
    expect(storedRows).toEqual([[row]]);
    expect((await watched.inner.readSnapshot()).picture.state).toBe('stale');
  });

  test('makes few commits of many events', async () => {
    publisher.takeOver();
    await untilWriting();
    const room = putRoom('a');
    for (let i = 0; i < 1_000; i += 1) {
      room.putOccupant({ nick: `n${i}`, role: 'visitor', affiliation: 'none' });
      publisher.put('a', false);
    }
    publisher.setPicture({ state: 'live' });
    await untilStored('live');
    expect(watched.commits.flatMap((commit) => commit.changes)).toHaveLength(1);
  });

  test('cuts a large picture into commits and says that it is live with the last', async () => {
    publisher.takeOver();
    await untilWriting();
    for (let i = 0; i < 1_201; i += 1) putRoom(`r${i}`);
    publisher.setPicture({ state: 'live' });
    await untilStored('live');
    const written = watched.commits.filter(({ changes }) => changes.length > 0);
    expect(written.map(({ changes }) => changes.length)).toEqual([500, 500, 201]);
    expect(written.map(({ picture }) => picture?.state)).toEqual([undefined, undefined, 'live']);
  });

  test('removes', async () => {
    publisher.takeOver();
    await untilWriting();
    putRoom('a');
    putRoom('b');
    publisher.setPicture({ state: 'live' });
    await untilStored('live');
    rooms.delete('a');
    publisher.remove('a');
    await untilStored('live');
    expect(await watched.inner.readRoom('a')).toBeUndefined();
  });

  test('writes nothing while nothing happens', async () => {
    publisher.takeOver();
    await untilWriting();
    putRoom('a');
    await untilStored('loading');
    const { cursor } = await watched.inner.readSnapshot();
    const commits = watched.commits.length;
    // An empty commit looks whether the store still holds all.
    await eventually(() => watched.commits.length > commits);
    expect((await watched.inner.readSnapshot()).cursor).toEqual(cursor);
  });
});

describe('a store that is away', () => {
  test('at the start is waited for', async () => {
    watched.fault = 'store-unavailable';
    publisher.takeOver();
    putRoom('a', 3);
    await eventually(() => watched.attempts >= 3);
    expect(publisher.status).toEqual({ state: 'waiting', reason: 'the store is away' });
    onStoredRows = () => {
      putRoom('a', 4);
      publisher.setPicture({ state: 'live' });
    };
    watched.fault = undefined;
    await untilStored('live');
    expect(publisher.status.state).toBe('writing');
  });

  test('for a while loses nothing of what happened before and meanwhile', async () => {
    publisher.takeOver();
    await untilWriting();
    putRoom('a', 2);
    putRoom('b', 2);
    publisher.setPicture({ state: 'live' });
    await untilStored('live');
    watched.fault = 'store-unavailable';
    rooms.get('a')?.removeOccupant('n0');
    publisher.put('a', false);
    const attempts = watched.attempts;
    await eventually(() => watched.attempts >= attempts + 2);
    expect(publisher.status.state).toBe('waiting');
    rooms.get('a')?.removeOccupant('n1');
    publisher.put('a', false);
    rooms.delete('b');
    publisher.remove('b');
    putRoom('c', 1);
    watched.fault = undefined;
    await untilStored('live');
    expect(publisher.status.state).toBe('writing');
    expect((await watched.inner.readRoom('a'))?.occupants).toEqual([]);
    expect(watched.resets).toBe(0);
  });

  test('makes no failure of a report', async () => {
    await publisher.report(STATUS);
    publisher.takeOver();
    await untilWriting();
    watched.fault = 'store-unavailable';
    await publisher.report(STATUS);
    expect(await watched.inner.readWriterReport()).toBeUndefined();
    watched.fault = undefined;
    await publisher.report(STATUS);
    expect(await watched.inner.readWriterReport()).toMatchObject({ epoch: 1 });
  });
});

describe('reports', () => {
  test('without the right to write say what the tracker waits for', async () => {
    await publisher.report({ ...STATUS, metrics: 'idle' });
    expect(await watched.inner.readWaitingReport()).toEqual({ ...STATUS, metrics: 'idle' });
    expect(await watched.inner.readWriterReport()).toBeUndefined();
    publisher.takeOver();
    await untilWriting();
    await publisher.report({ ...STATUS, metrics: 'writing' });
    expect(await watched.inner.readWriterReport()).toMatchObject({ metrics: 'writing' });
    await watched.inner.openWriter();
    publisher.put('a', false);
    await eventually(() => publisher.status.state === 'fenced');
    await publisher.report({ ...STATUS, metrics: 'fenced' });
    expect(await watched.inner.readWaitingReport()).toMatchObject({ metrics: 'fenced' });
    expect(await watched.inner.readWriterReport()).toMatchObject({ metrics: 'writing' });
    await publisher.stop(1_000);
    await publisher.report({ ...STATUS, metrics: 'stopped' });
    expect(await watched.inner.readWaitingReport()).toMatchObject({ metrics: 'fenced' });
  });

  test('are due at once with the right to write, a picture, and a store begun anew', async () => {
    publisher.takeOver();
    await untilWriting();
    expect(dueReports).toBe(1);
    putRoom('a');
    await untilStored('loading');
    expect(dueReports).toBe(1);
    publisher.setPicture({ state: 'live' });
    await eventually(() => dueReports === 2);
    await untilStored('live');
    watched.isLost = true;
    publisher.put('a', false);
    await eventually(() => dueReports === 4);
    expect(watched.resets).toBe(1);
  });
});

describe('a store that lost what was written', () => {
  beforeEach(async () => {
    publisher.takeOver();
    await untilWriting();
    putRoom('a', 2);
    putRoom('b', 1);
    publisher.setPicture({ state: 'live' });
    await untilStored('live');
  });

  test('gets everything again, details too, with the next event', async () => {
    watched.isLost = true;
    rooms.get('a')?.removeOccupant('n0');
    publisher.put('a', false);
    await eventually(() => watched.resets === 1);
    await untilStored('live');
    const { occupants } = (await watched.inner.readRoom('a'))!;
    expect(occupants.map(({ nick }) => nick)).toEqual(['n1']);
    expect((await watched.inner.readRoom('b'))?.occupants).toHaveLength(1);
  });

  test('gets everything again though nothing happens', async () => {
    watched.isLost = true;
    await eventually(() => watched.resets === 1);
    await untilStored('live');
  });

  test('gets everything again when it is away in the middle of that', async () => {
    watched.isLost = true;
    watched.fault = 'store-unavailable';
    publisher.put('a', false);
    const { attempts } = watched;
    await eventually(() => watched.attempts > attempts);
    watched.fault = undefined;
    await eventually(() => watched.resets === 1);
    await untilStored('live');
  });

  test('is not said to be live before the picture is', async () => {
    publisher.setPicture({ state: 'stale', since: '2026-01-01T00:00:00.000Z' });
    await untilStored('stale');
    watched.isLost = true;
    await eventually(() => watched.resets === 1);
    await untilStored('stale');
  });
});

describe('another writer', () => {
  beforeEach(async () => {
    publisher.takeOver();
    await untilWriting();
    putRoom('a', 1);
    publisher.setPicture({ state: 'live' });
    await untilStored('live');
    await watched.inner.openWriter();
    publisher.put('a', false);
    await eventually(() => publisher.status.state === 'fenced');
  });

  test('ends the writing for good', async () => {
    const { attempts } = watched;
    putRoom('b');
    await publisher.report(STATUS);
    publisher.setPicture({ state: 'live' });
    await publisher.stop(1_000);
    expect(watched.attempts).toBe(attempts);
    expect(publisher.status.state).toBe('fenced');
  });

  test('is written over only after a new take-over', async () => {
    publisher.takeOver();
    await untilWriting();
    expect(storedRows).toHaveLength(2);
    putRoom('a', 3);
    publisher.setPicture({ state: 'live' });
    await untilStored('live');
  });

  test('that opened before our last acceptance is written over, though noticed only then', async () => {
    publisher.takeOver();
    await untilWriting();
    await watched.inner.openWriter();
    publisher.takeOver();
    publisher.put('a', false);
    await eventually(() => storedRows.length === 3);
    await untilWriting();
    putRoom('a', 4);
    publisher.setPicture({ state: 'live' });
    await untilStored('live');
  });

  test('leaves its rows alone until the rooms were read again', async () => {
    publisher.put('a', false);
    onStoredRows = () => rooms.clear();
    publisher.takeOver();
    await untilWriting();
    publisher.setPicture({ state: 'stale', since: '2026-01-01T00:00:00.000Z' });
    await eventually(
      () => watched.inner.readSnapshot(),
      ({ picture }) => picture.state === 'stale' && picture.since.startsWith('2026-01-01'),
    );
    expect((await watched.inner.readSnapshot()).rows).toHaveLength(1);
  });

  test('and then all rooms at once, from those who are told of the stored rows', async () => {
    onStoredRows = () => {
      putRoom('b', 2);
      publisher.setPicture({ state: 'live' });
    };
    publisher.takeOver();
    await untilStored('live');
  });
});

describe('a stop', () => {
  test('writes what is queued', async () => {
    publisher.takeOver();
    await untilWriting();
    for (let i = 0; i < 600; i += 1) putRoom(`r${i}`);
    publisher.setPicture({ state: 'stale', since: '2026-01-01T00:00:00.000Z' });
    await withDeadline(publisher.stop(5_000), 'the drain');
    const { rows, picture } = await watched.inner.readSnapshot();
    expect(rows).toHaveLength(600);
    expect(picture.state).toBe('stale');
  });

  test('while the store is away ends by its deadline', async () => {
    publisher.takeOver();
    await untilWriting();
    watched.fault = 'store-unavailable';
    putRoom('a');
    await eventually(() => publisher.status.state === 'waiting');
    await withDeadline(publisher.stop(50), 'the deadline', 5_000);
    expect((await watched.inner.readSnapshot()).rows).toEqual([]);
  });

  test('before anything was begun, and twice, ends at once', async () => {
    await withDeadline(publisher.stop(5_000), 'the stop', 1_000);
    await withDeadline(publisher.stop(5_000), 'the second stop', 1_000);
    expect(watched.attempts).toBe(0);
  });

  test('is the end: nothing is written afterwards', async () => {
    publisher.takeOver();
    await untilWriting();
    await publisher.stop(5_000);
    const { attempts } = watched;
    putRoom('a');
    publisher.takeOver();
    await publisher.stop(5_000);
    expect(watched.attempts).toBe(attempts);
  });
});
