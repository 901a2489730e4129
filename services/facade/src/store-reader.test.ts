import { setImmediate as nextTurn } from 'node:timers/promises';
import { ConferenceError, type RoomRow } from '@conference/muc';
import type { ChangeBatch, Cursor, Picture, RoomStore, Snapshot } from '@conference/room-store';
import { createSilentLogger } from '@conference/service-runtime';
import { afterEach, describe, expect, test } from '@jest/globals';
import { makeRow, textOfList, waitUntil } from './facade.fixture.js';
import { RoomLists } from './room-lists.js';
import { StoreReader } from './store-reader.js';

const cursor: Cursor = { incarnation: 'i', revision: 1 };
const live: Picture = { state: 'live' };
const loading: Picture = { state: 'loading' };
const unavailable = new ConferenceError('store-unavailable', 'Redis is away', {
  isRetryable: true,
});
const cursorLost = new ConferenceError('cursor-lost', 'gone');

/** What one reading of the store brings: a snapshot or a failure, then what follows it. */
interface Script {
  readonly snapshot: Snapshot | Error;
  readonly batches?: readonly (Partial<ChangeBatch> | Error)[];
}

/** Plays the scripts one after the other; after the last it stays silent. */
function scriptedStore(scripts: readonly Script[]): RoomStore & { readonly reads: number } {
  let reads = 0;
  let script: Script | undefined;
  const unused = (): Promise<never> => Promise.reject(new Error('not part of this test'));
  return {
    mucService: 'a.test',
    get reads() {
      return reads;
    },
    readSnapshot: () => {
      script = scripts[reads];
      reads += 1;
      const snapshot = script?.snapshot ?? unavailable;
      return snapshot instanceof Error ? Promise.reject(snapshot) : Promise.resolve(snapshot);
    },
    async *follow(_cursor, signal) {
      for (const batch of script?.batches ?? []) {
        if (batch instanceof Error) {
          throw batch;
        }
        yield { cursor, rowsPut: [], roomIdsRemoved: [], ...batch };
      }
      // The reader may have been stopped before it got here.
      if (signal.aborted) return;
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    },
    openWriter: unused,
    announceTracker: unused,
    readLease: unused,
    readRoom: unused,
    readWriterReport: unused,
    reportWaiting: unused,
    readWaitingReport: unused,
    close: () => Promise.resolve(),
  };
}

const snapshotOf = (picture: Picture, ...roomIds: string[]): Snapshot => ({
  cursor,
  picture,
  rows: roomIds.map((roomId) => makeRow(roomId)),
  malformed: [],
});

let readers: StoreReader[] = [];

function start(scripts: readonly Script[], now: () => number = Date.now) {
  const store = scriptedStore(scripts);
  const lists = new RoomLists(now);
  const lagsFrom: number[] = [];
  let entries = 0;
  const warnings: unknown[] = [];
  const reader = new StoreReader({
    store,
    lists,
    now,
    logger: { ...createSilentLogger(), warn: ({ err }: { err?: unknown }) => warnings.push(err) },
    onEntry: () => (entries += 1),
    onVisible: (observedAtMs) => lagsFrom.push(observedAtMs),
  });
  readers.push(reader);
  reader.start();
  const roomIds = (): string => {
    const asker = { siteId: 'x', rooms: { by: 'mucService' as const, mucService: 'a.test' } };
    const answer = JSON.parse(textOfList(lists.listOf(asker))) as { data: { rooms: RoomRow[] } };
    return answer.data.rooms.map(({ roomId }) => roomId).join();
  };
  return { store, reader, roomIds, lagsFrom, warnings, entries: () => entries };
}

afterEach(async () => {
  await Promise.all(readers.map((reader) => reader.stop()));
  readers = [];
});

describe('a reader of the store', () => {
  test('shows the snapshot and the changes after it', async () => {
    const { roomIds, reader, lagsFrom } = start([
      {
        snapshot: snapshotOf(live, 'a', 'b'),
        batches: [{ rowsPut: [makeRow('c')], roomIdsRemoved: ['a'], observedAtMs: 7 }],
      },
    ]);
    await waitUntil('the change', () => roomIds() === 'b,c');
    expect([reader.hasPicture, reader.staleSinceMs, reader.storeProblem]).toEqual([
      true,
      undefined,
      undefined,
    ]);
    expect(lagsFrom).toEqual([7]);
  });

  test.each([
    ['put', { rowsPut: [makeRow('tea')] }, 'a,tea'],
    ['removed', { roomIdsRemoved: ['tea'] }, 'a'],
  ])('shows no picture until a malformed row is %s', async (_how, mend, shown) => {
    const malformed = { ...snapshotOf(live, 'a'), malformed: ['tea'] };
    const still = start([
      { snapshot: malformed, batches: [{ rowsPut: [makeRow('b')] }, { picture: live }] },
    ]);
    await waitUntil('the entries', () => still.entries() === 2);
    expect([still.reader.hasPicture, still.roomIds()]).toEqual([false, '']);
    expect(still.reader.staleSinceMs).toBeDefined();
    expect(still.reader.storeProblem).toMatch(/rows that are none/);
    const mended = start([{ snapshot: malformed, batches: [mend] }]);
    await waitUntil('the picture', () => mended.reader.hasPicture);
    expect(mended.roomIds()).toBe(shown);
    expect([mended.reader.staleSinceMs, mended.reader.storeProblem]).toEqual([
      undefined,
      undefined,
    ]);
  });

  test('goes on showing what was whole, marked, where a row is malformed later', async () => {
    const { reader, roomIds } = start([
      { snapshot: snapshotOf(live, 'a', 'tea'), batches: [cursorLost] },
      { snapshot: { ...snapshotOf(live, 'a'), malformed: ['tea'] } },
    ]);
    await waitUntil('the second look', () => reader.storeProblem?.includes('none') === true);
    expect(roomIds()).toBe('a,tea');
    expect(reader.staleSinceMs).toBeDefined();
  });

  test('lets others have their turn while it catches up with many changes', async () => {
    // Each takes less than a slice, all together many.
    const batches = Array.from({ length: 1_000 }, (_, batch) => ({
      rowsPut: Array.from({ length: 100 }, (_, room) =>
        makeRow(`${room}`, { subject: `${batch}` }),
      ),
      observedAtMs: batch,
    }));
    const { lagsFrom } = start([{ snapshot: snapshotOf(live), batches }]);
    await waitUntil('the first change', () => lagsFrom.length > 0);
    let turns = 0;
    while (lagsFrom.length < batches.length) {
      await nextTurn();
      turns += 1;
    }
    expect(turns).toBeGreaterThan(5);
  });

  test('shows nothing of a picture that is loading until it is whole', async () => {
    const { roomIds, reader, store } = start([
      { snapshot: snapshotOf(loading, 'a'), batches: [{ rowsPut: [makeRow('b')] }] },
    ]);
    await waitUntil('the reading', () => store.reads === 1 && reader.storeProblem === undefined);
    expect([reader.hasPicture, roomIds()]).toEqual([false, '']);

    const whole = start([
      {
        snapshot: snapshotOf(loading, 'a', 'x'),
        batches: [{ rowsPut: [makeRow('b')], roomIdsRemoved: ['x'] }, { picture: live }],
      },
    ]);
    await waitUntil('the whole', () => whole.reader.hasPicture);
    expect(whole.roomIds()).toBe('a,b');
    expect(whole.reader.staleSinceMs).toBeUndefined();
  });

  test('keeps the old picture, stale, while a new one is loading, then takes it whole', async () => {
    const { roomIds, reader, store } = start([
      { snapshot: snapshotOf(live, 'old'), batches: [cursorLost] },
      { snapshot: snapshotOf(loading, 'new') },
    ]);
    await waitUntil('the second reading', () => store.reads === 2);
    expect([roomIds(), reader.hasPicture]).toEqual(['old', true]);
    expect(reader.staleSinceMs).toBeDefined();
  });

  test('takes a new snapshot at once when its place is lost', async () => {
    const { roomIds, reader } = start([
      { snapshot: snapshotOf(live, 'a', 'b'), batches: [cursorLost] },
      { snapshot: snapshotOf(live, 'b', 'c') },
    ]);
    await waitUntil('the new snapshot', () => roomIds() === 'b,c');
    expect(reader.staleSinceMs).toBeUndefined();
  });

  test('reads everything again when a picture begins anew under its eyes', async () => {
    const { roomIds } = start([
      { snapshot: snapshotOf(live, 'a'), batches: [{ picture: loading }] },
      { snapshot: snapshotOf(live, 'b') },
    ]);
    await waitUntil('the new snapshot', () => roomIds() === 'b');
  });

  test('while the store is away: the last picture, stale since the loss, and the reason', async () => {
    let nowMs = 5000;
    const { roomIds, reader, store } = start(
      [
        { snapshot: snapshotOf(live, 'a'), batches: [unavailable] },
        { snapshot: unavailable },
        { snapshot: unavailable },
        { snapshot: snapshotOf(live, 'b') },
      ],
      () => nowMs,
    );
    await waitUntil('the loss', () => reader.storeProblem === 'Redis is away');
    nowMs = 6000;
    await waitUntil('another try', () => store.reads >= 3);
    expect([roomIds(), reader.staleSinceMs]).toEqual(['a', 5000]);
    await waitUntil('the return', () => roomIds() === 'b');
    expect([reader.staleSinceMs, reader.storeProblem]).toEqual([undefined, undefined]);
  });

  test('is not stale since a moment to come, though the tracker says so', async () => {
    const since = new Date(9_000).toISOString();
    const { reader } = start(
      [{ snapshot: snapshotOf({ state: 'stale', since }, 'a') }],
      () => 5_000,
    );
    await waitUntil('the picture', () => reader.hasPicture);
    expect(reader.staleSinceMs).toBe(5_000);
  });

  test('is stale since the store says so, and live when it says so', async () => {
    const since = '2026-01-01T00:00:00.000Z';
    const { reader } = start([{ snapshot: snapshotOf({ state: 'stale', since }, 'a') }]);
    await waitUntil('the picture', () => reader.hasPicture);
    expect(reader.staleSinceMs).toBe(Date.parse(since));

    const again = start([
      { snapshot: snapshotOf({ state: 'stale', since }, 'a'), batches: [{ picture: live }] },
    ]);
    await waitUntil(
      'the change',
      () => again.reader.hasPicture && again.reader.staleSinceMs === undefined,
    );
  });

  test('does not hurry when snapshots work and following always fails', async () => {
    const endless = Array.from({ length: 1000 }, () => ({
      snapshot: snapshotOf(live, 'a'),
      batches: [cursorLost],
    }));
    const { store } = start(endless);
    const startedMs = Date.now();
    await waitUntil('some tries', () => store.reads >= 4);
    expect(Date.now() - startedMs).toBeGreaterThan(150);
  });

  test('says once why the store cannot be read, and again when that changes', async () => {
    const full = new ConferenceError('store-unavailable', 'Redis is full');
    const { store, reader, warnings } = start(
      [unavailable, unavailable, full, full, full, full].map((snapshot) => ({ snapshot })),
    );
    await waitUntil('both reasons to be found', () => reader.storeProblem === full.message);
    await waitUntil('another attempt', () => store.reads >= 5);
    expect(warnings).toEqual([unavailable, full]);
  });

  test('an unexpected failure is survived, and not shown', async () => {
    const { roomIds, reader } = start([
      { snapshot: new TypeError('password: hunter2') },
      { snapshot: snapshotOf(live, 'a') },
    ]);
    await waitUntil('the failure', () => reader.storeProblem === 'an unexpected failure');
    await waitUntil('the picture', () => roomIds() === 'a');
  });
});
