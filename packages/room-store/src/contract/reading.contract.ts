/** Contract: snapshots and followers while commits go on. */
import { expect, test } from '@jest/globals';
import type { ChangeBatch, Cursor, PutRoom, RoomStore } from '../room-store.js';
import { FollowingReader } from './following-reader.contract.js';
import { put, remove, sampleOccupant, sampleRow } from './samples.contract.js';
import type { ContractSubject, StoreUnderTest } from './subject.contract.js';

const DEADLINE_MS = 10_000;

export function describeReading(subject: () => StoreUnderTest, opener: ContractSubject): void {
  test('lets a follower see each commit once, in order, from its cursor on', async () => {
    const { store, reader } = subject();
    const writer = await store.openWriter();
    await writer.commit({ changes: [put('before')] });
    const { cursor } = await reader.readSnapshot();
    const first = await writer.commit({ changes: [put('a', 1), put('b')], observedAtMs: 1234 });
    const second = await writer.commit({
      changes: [remove('b'), put('c')],
      picture: { state: 'live' },
    });
    const batches = await take(reader, cursor, 2);
    const { incarnation } = cursor;
    expect(batches).toEqual([
      {
        cursor: { incarnation, revision: first },
        rowsPut: [sampleRow('a', 1), sampleRow('b')],
        roomIdsRemoved: [],
        observedAtMs: 1234,
      },
      {
        cursor: { incarnation, revision: second },
        rowsPut: [sampleRow('c')],
        roomIdsRemoved: ['b'],
        picture: { state: 'live' },
      },
    ]);
    expect(await take(reader, { incarnation, revision: first }, 1)).toEqual(batches.slice(1));
  });

  test('tells a follower nothing of rows that are written again as they are', async () => {
    const { store, reader } = subject();
    const earlier = await store.openWriter();
    // More rooms than one call to Redis can name.
    const rooms = Array.from({ length: 2_500 }, (_, index) => put(`room ${index}`, 1));
    await earlier.commit({ changes: rooms, picture: { state: 'live' } });
    const { cursor } = await reader.readSnapshot();
    const later = await store.openWriter();
    const others = [put('room 7', 2), put('room 2499', 3), put('new', 1)];
    const same = rooms.filter(
      ({ row }) => !others.some(({ row: { roomId } }) => roomId === row.roomId),
    );
    const details = { isWhole: true, occupantsPut: [sampleOccupant('here')] };
    await later.commit({ changes: [...others, ...same.slice(1), put('room 0', 1, details)] });
    const [opened, written] = await take(reader, cursor, 2);
    expect(opened?.rowsPut).toEqual([]);
    expect(written).toMatchObject({ rowsPut: others.map(({ row }) => row), roomIdsRemoved: [] });
    expect((await reader.readRoom('room 0'))?.occupants).toEqual([sampleOccupant('here')]);
    expect((await reader.readSnapshot()).rows).toHaveLength(2_501);
  });

  test('wakes a waiting follower', async () => {
    const { store, reader } = subject();
    const writer = await store.openWriter();
    const { cursor } = await reader.readSnapshot();
    const waiting = take(reader, cursor, 1);
    await reader.readSnapshot();
    const revision = await writer.commit({ changes: [put('a')] });
    expect((await waiting)[0]?.cursor.revision).toBe(revision);
  });

  test('tells who follows from before the first writer that the store began', async () => {
    const { store, reader } = subject();
    const { cursor } = await reader.readSnapshot();
    const isTold = expect(take(reader, cursor, 1)).rejects.toMatchObject({ code: 'cursor-lost' });
    await reader.readSnapshot();
    await store.openWriter();
    await isTold;
  });

  test('tells followers that another writer opened and the picture is stale', async () => {
    const { store, reader } = subject();
    const writer = await store.openWriter();
    await writer.commit({ changes: [put('a')], picture: { state: 'live' } });
    const { cursor } = await reader.readSnapshot();
    const next = await store.openWriter();
    const revision = await next.commit({ changes: [put('b')] });
    const [opened, committed] = await take(reader, cursor, 2);
    expect(opened).toMatchObject({ rowsPut: [], picture: { state: 'stale' } });
    expect(committed?.cursor.revision).toBe(revision);
  });

  test('ends a follower when its signal aborts: before, while it waits, between batches', async () => {
    const { store, reader } = subject();
    const writer = await store.openWriter();
    const { cursor } = await reader.readSnapshot();
    await writer.commit({ changes: [put('a')] });
    await writer.commit({ changes: [put('b')] });
    const end = await reader.readSnapshot();

    expect(await takeAll(reader, cursor, AbortSignal.abort())).toEqual([]);

    const whileWaiting = new AbortController();
    const waiting = takeAll(reader, end.cursor, whileWaiting.signal);
    await reader.readSnapshot();
    whileWaiting.abort();
    expect(await waiting).toEqual([]);

    const betweenBatches = new AbortController();
    const seen: ChangeBatch[] = [];
    for await (const batch of reader.follow(cursor, betweenBatches.signal)) {
      seen.push(batch);
      betweenBatches.abort();
    }
    expect(seen).toHaveLength(1);
  });

  test('answers a place that never was, or is of another incarnation, with cursor-lost', async () => {
    const { store, reader } = subject();
    const writer = await store.openWriter();
    const revision = await writer.commit({ changes: [put('a')] });
    const { cursor } = await reader.readSnapshot();
    const lost = { code: 'cursor-lost' };
    const ahead = { incarnation: cursor.incarnation, revision: revision + 1 };
    await expect(take(reader, ahead, 1)).rejects.toMatchObject(lost);
    const stranger = { incarnation: 'another', revision };
    await expect(take(reader, stranger, 1)).rejects.toMatchObject(lost);

    const isTold = expect(take(reader, cursor, 1)).rejects.toMatchObject(lost);
    await reader.readSnapshot();
    await writer.reset();
    await isTold;
    await expect(take(reader, cursor, 1)).rejects.toMatchObject(lost);
  });

  test('answers a reader that fell behind the kept changes with cursor-lost', async () => {
    const bounded = await opener.open({ keptChanges: 10 });
    try {
      const writer = await bounded.store.openWriter();
      const { cursor } = await bounded.reader.readSnapshot();
      const revisions: number[] = [];
      for (let count = 0; count < 15; count += 1) {
        revisions.push(await writer.commit({ changes: [put(`r${count}`)] }));
      }
      const lost = { code: 'cursor-lost' };
      await expect(take(bounded.reader, cursor, 1)).rejects.toMatchObject(lost);
      const { incarnation } = cursor;
      const at = (index: number): Cursor => ({ incarnation, revision: revisions[index] ?? 0 });
      await expect(take(bounded.reader, at(3), 1)).rejects.toMatchObject(lost);
      expect(await take(bounded.reader, at(4), 10)).toHaveLength(10);

      const large = Array.from({ length: 25 }, (_value, index) => put(`large${index}`));
      await writer.commit({ changes: large });
      await expect(take(bounded.reader, at(13), 1)).rejects.toMatchObject(lost);
      const [batch] = await take(bounded.reader, at(14), 1);
      expect(batch?.rowsPut).toHaveLength(25);
    } finally {
      await bounded.close();
    }
  });

  test('keeps fewer changes where they are large, and always the newest', async () => {
    const bounded = await opener.open({ keptBytes: 100_000 });
    const lost = { code: 'cursor-lost' };
    const large = (roomId: string, characters: number): PutRoom => ({
      kind: 'put',
      row: sampleRow(roomId, 0, { subject: 's'.repeat(characters) }),
    });
    try {
      const writer = await bounded.store.openWriter();
      const { incarnation } = (await bounded.reader.readSnapshot()).cursor;
      const after = (revision: number): Promise<ChangeBatch[]> =>
        take(bounded.reader, { incarnation, revision }, 1);
      const first = await writer.commit({ changes: [large('a', 40_000)] });
      await writer.commit({ changes: [large('b', 40_000)] });
      expect(await after(first)).toHaveLength(1);
      const third = await writer.commit({ changes: [large('c', 40_000)] });
      await expect(after(first - 1)).rejects.toMatchObject(lost);
      expect(await after(first)).toHaveLength(1);

      await writer.commit({ changes: [large('d', 200_000)] });
      await expect(after(first)).rejects.toMatchObject(lost);
      const [newest] = await after(third);
      expect(newest?.rowsPut[0]?.subject).toHaveLength(200_000);

      const small = await writer.commit({ changes: [put('e')] });
      await writer.commit({ changes: [put('f')] });
      await expect(after(third)).rejects.toMatchObject(lost);
      expect(await after(small)).toHaveLength(1);
      expect((await bounded.reader.readSnapshot()).rows).toHaveLength(6);
    } finally {
      await bounded.close();
    }
  });

  test('never shows half a commit, neither in snapshots nor in rooms', async () => {
    const { store, reader } = subject();
    const writer = await store.openWriter();
    const pair = (count: number) => {
      const occupantsPut = Array.from({ length: count }, (_v, index) =>
        sampleOccupant(`n${index}`),
      );
      const details = { isWhole: true, occupantsPut };
      return [put('a', count, details), put('b', count, details)];
    };
    await writer.commit({ changes: pair(1) });
    let isWriting = true;
    const writing = (async () => {
      for (let count = 0; count < 60; count += 1) {
        await writer.commit({ changes: pair(1 + ((count * 7) % 20)) });
      }
      isWriting = false;
    })();
    let looks = 0;
    while (isWriting) {
      const [a, b] = (await reader.readSnapshot()).rows;
      expect(a?.occupants).toBe(b?.occupants);
      const room = await reader.readRoom('a');
      expect(room?.occupants).toHaveLength(room?.row.occupants ?? -1);
      looks += 1;
    }
    await writing;
    expect(looks).toBeGreaterThan(0);
  });

  test('serves several followers at once', async () => {
    const { store, reader } = subject();
    const writer = await store.openWriter();
    const readers = [reader, reader, store].map((handle) => new FollowingReader(handle));
    let revision = 0;
    for (let count = 0; count < 30; count += 1) {
      revision = await writer.commit({ changes: [put(`r${count % 4}`, count)] });
    }
    await Promise.all(readers.map((one) => one.reach(revision)));
    const { rows } = await store.readSnapshot();
    for (const one of readers) {
      expect(JSON.parse(one.seen.at(-1)?.digest ?? '')).toEqual([
        'loading',
        rows.toSorted((a, b) => (a.roomId < b.roomId ? -1 : 1)),
      ]);
      await one.stop();
    }
  });

  test('ends its followers when it is closed, may be closed twice, and answers no more', async () => {
    const { store, reader } = subject();
    await store.openWriter();
    const { cursor } = await reader.readSnapshot();
    const waiting = takeAll(reader, cursor, AbortSignal.timeout(DEADLINE_MS));
    await reader.readSnapshot();
    const closedAt = Date.now();
    await reader.close();
    await reader.close();
    expect(await waiting).toEqual([]);
    expect(Date.now() - closedAt).toBeLessThan(DEADLINE_MS / 2);
    await expect(reader.readSnapshot()).rejects.toMatchObject({ code: 'store-unavailable' });
  });
}

/** The first batches after a cursor; fails by the deadline. */
export async function take(
  store: RoomStore,
  cursor: Cursor,
  count: number,
): Promise<ChangeBatch[]> {
  const batches: ChangeBatch[] = [];
  for await (const batch of store.follow(cursor, AbortSignal.timeout(DEADLINE_MS))) {
    batches.push(batch);
    if (batches.length === count) {
      return batches;
    }
  }
  throw new Error(`only ${batches.length} of ${count} batches came`);
}

async function takeAll(
  store: RoomStore,
  cursor: Cursor,
  signal: AbortSignal,
): Promise<ChangeBatch[]> {
  const batches: ChangeBatch[] = [];
  for await (const batch of store.follow(cursor, signal)) {
    batches.push(batch);
  }
  return batches;
}
