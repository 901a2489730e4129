import { joinRoomList, ROOM_LIST_FRAME } from '@conference/rest-contract';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ListChunks, MAX_ENTRIES, MIN_ENTRIES } from './list-chunks.js';
import { compareEntries, mayBeginChunk, type ListEntry } from './list-entry.js';

interface Change {
  readonly kind: 'put' | 'remove';
  readonly number: number;
  readonly value: number;
}

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('put', 'put', 'remove'),
  number: fc.nat(1500),
  value: fc.nat(3),
});

/** Runs of rooms that come or go together, so that chunks fill up and run empty. */
const changes = fc
  .array(fc.tuple(change, fc.integer({ min: 1, max: 400 })), { maxLength: 25 })
  .map((runs) =>
    runs.flatMap(([each, count]) =>
      Array.from({ length: count }, (_, index) => ({ ...each, number: each.number + index })),
    ),
  );

type BorderRule = (roomId: string) => boolean;

/** As it is, and what people who choose their roomIds can make of it. */
const borderRule = fc.constantFrom<BorderRule>(
  mayBeginChunk,
  () => false,
  () => true,
  (roomId) => Number(roomId) % 70 === 0,
);

function entryOf({ number, value }: Omit<Change, 'kind'>, isBorder: BorderRule): ListEntry {
  const roomId = String(number);
  return {
    roomId,
    mucService: 'a.test',
    json: `{"${roomId}":${value}}`,
    isBorder: isBorder(roomId),
  };
}

function textOf(chunks: ListChunks): string {
  const texts = chunks.chunks.map((chunk) => chunk.render().bytes.toString('utf8'));
  return (texts.length > 0 ? texts.join('') : ROOM_LIST_FRAME.head) + ROOM_LIST_FRAME.tail;
}

const sizesOf = (chunks: ListChunks): number[] =>
  chunks.chunks.map(({ entries }) => entries.length);

function buildFresh(entries: Iterable<ListEntry>): ListChunks {
  const chunks = new ListChunks();
  for (const entry of entries) {
    chunks.put(entry);
  }
  return chunks;
}

describe('a list in chunks', () => {
  test('has, after any changes, the bytes of the list and the cuts of a fresh build', () => {
    fc.assert(
      fc.property(changes, borderRule, (steps, isBorder) => {
        const truth = new Map<string, ListEntry>();
        const chunks = new ListChunks();
        for (const step of steps) {
          const entry = entryOf(step, isBorder);
          if (step.kind === 'put') {
            truth.set(entry.roomId, entry);
            chunks.put(entry);
          } else {
            truth.delete(entry.roomId);
            chunks.remove(entry);
          }
        }
        const sorted = [...truth.values()].sort(compareEntries);
        expect(textOf(chunks)).toBe(joinRoomList(sorted.map(({ json }) => json)));
        expect(sizesOf(chunks)).toEqual(sizesOf(buildFresh(sorted)));
        expect(sizesOf(chunks)).toEqual(sizesOf(buildFresh(sorted.toReversed())));
      }),
      { numRuns: 60 },
    );
  });

  test.each<[string, BorderRule]>([
    ['there are no borders', () => false],
    ['every room is one', () => true],
    ['borders are where they fall', mayBeginChunk],
  ])('keeps chunks within bounds where %s', (_, isBorder) => {
    const chunks = buildFresh(
      Array.from({ length: 5000 }, (_unused, number) => entryOf({ number, value: 0 }, isBorder)),
    );
    const sizes = sizesOf(chunks).slice(0, -1);
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(MIN_ENTRIES);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_ENTRIES);
  });

  test('a change makes few chunks anew, and leaves those of before as they were', () => {
    const before = buildFresh(
      Array.from({ length: 20_000 }, (_, number) => entryOf({ number, value: 0 }, mayBeginChunk)),
    );
    const text = textOf(before);
    let made = 0;
    for (let number = 0; number < 20_000; number += 500) {
      const after = new ListChunks(before.chunks);
      after.put(entryOf({ number, value: 1 }, mayBeginChunk));
      const known = new Set(before.chunks);
      expect(after.chunks.filter((chunk) => !known.has(chunk))).toHaveLength(1);
      after.remove(entryOf({ number: number + 1, value: 0 }, mayBeginChunk));
      made += after.chunks.filter((chunk) => !known.has(chunk)).length;
    }
    expect(made).toBeLessThan(40 * 3);
    expect(textOf(before)).toBe(text);
  });

  test('is not made anew by what says the same', () => {
    const chunks = buildFresh([entryOf({ number: 1, value: 0 }, mayBeginChunk)]);
    const [before] = chunks.chunks;
    chunks.put(entryOf({ number: 1, value: 0 }, mayBeginChunk));
    chunks.remove(entryOf({ number: 2, value: 0 }, mayBeginChunk));
    expect(chunks.chunks[0]).toBe(before);
  });
});
