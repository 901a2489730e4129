import { joinRoomList } from '@conference/rest-contract';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { gunzipSync } from 'node:zlib';
import { ListChunks } from './list-chunks.js';
import { compareEntries, mayBeginChunk, type ListEntry } from './list-entry.js';
import { RoomList } from './room-list.js';

function entryOf(number: number, value = 0): ListEntry {
  const roomId = `room${number}`;
  const json = JSON.stringify({ roomId, value });
  return { roomId, mucService: 'a.test', json, isBorder: mayBeginChunk(roomId) };
}

/** A list, and the way to change it as `RoomLists` does. */
function makeList() {
  const list = new RoomList(() => 0);
  const truth = new Map<string, ListEntry>();
  const change = (put: readonly ListEntry[], removed: readonly ListEntry[] = []): void => {
    const draft = new ListChunks(list.chunks);
    for (const entry of removed) {
      draft.remove(entry);
      truth.delete(entry.roomId);
    }
    for (const entry of put) {
      draft.put(entry);
      truth.set(entry.roomId, entry);
    }
    list.take(draft);
  };
  const expected = (): string =>
    joinRoomList([...truth.values()].sort(compareEntries).map(({ json }) => json));
  return { list, change, expected };
}

const range = (count: number, value = 0): ListEntry[] =>
  Array.from({ length: count }, (_, number) => entryOf(number, value));

const numbers = fc.array(fc.nat(900), { maxLength: 600 });

describe('a list', () => {
  test('compressed is itself, and has the ETag of a list that was made at once', async () => {
    await fc.assert(
      fc.asyncProperty(numbers, numbers, numbers, async (first, removed, again) => {
        const { list, change, expected } = makeList();
        change(first.map((number) => entryOf(number)));
        await list.compressed();
        change(
          again.map((number) => entryOf(number, 1)),
          removed.map((number) => entryOf(number)),
        );
        const version = await list.compressed();
        const zipped = version.compressed;
        const plain = Buffer.concat(version.plain.buffers);
        expect(plain.toString('utf8')).toBe(expected());
        expect(plain.length).toBe(version.plain.byteCount);
        const bytes = Buffer.concat(zipped?.buffers ?? []);
        expect(bytes.length).toBe(zipped?.byteCount);
        expect(zipped?.contentEncoding === 'gzip' ? gunzipSync(bytes) : bytes).toEqual(plain);

        const fresh = makeList();
        const rows = (
          JSON.parse(expected()) as { data: { rooms: { roomId: string; value: number }[] } }
        ).data.rooms;
        fresh.change(rows.map(({ roomId, value }) => entryOf(Number(roomId.slice(4)), value)));
        const freshVersion = await fresh.list.compressed();
        expect(freshVersion.plain.etag).toBe(version.plain.etag);
        expect(freshVersion.compressedEtag).toBe(version.compressedEtag);
        expect(Buffer.concat(freshVersion.compressed?.buffers ?? []).equals(bytes)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test('that is long is not made at once the first time, but is after a change', async () => {
    const { list, change, expected } = makeList();
    change(range(10_000));
    expect(list.ready()).toBeUndefined();
    const version = await list.current();
    expect(list.ready()).toBe(version);
    change([entryOf(5000, 1)]);
    const next = list.ready();
    expect(Buffer.concat(next?.plain.buffers ?? []).toString('utf8')).toBe(expected());
  });

  test('shares with the version before what did not change', async () => {
    const { list, change } = makeList();
    change(range(10_000));
    const [before, zippedBefore] = [await list.current(), (await list.compressed()).compressed];
    change([entryOf(5000, 1)]);
    const [after, zippedAfter] = [list.ready(), (await list.compressed()).compressed];
    const known = new Set([...before.plain.buffers, ...(zippedBefore?.buffers ?? [])]);
    const isNew = (bytes: Buffer): boolean => !known.has(bytes);
    expect(after?.plain.buffers.filter(isNew)).toHaveLength(1);
    // The end with the CRC of the whole is new besides, and the parts around the rows are one.
    expect((zippedAfter?.buffers.slice(1, -1) ?? []).filter(isNew)).toHaveLength(1);
  });

  test('that changes while it is being made is answered, and then as it became', async () => {
    const { list, change, expected } = makeList();
    change(range(10_000));
    const first = expected();
    const building = list.current();
    change([entryOf(1, 1)]);
    const second = list.current();
    expect(Buffer.concat((await building).plain.buffers).toString('utf8')).toBe(first);
    const version = await second;
    expect(Buffer.concat(version.plain.buffers).toString('utf8')).toBe(expected());
    expect(list.ready()?.plain.etag).toBe(version.plain.etag);
  });
});
