/** Contract, as a property: whatever is written, a reader that joins anywhere holds exactly that. */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { RoomRow } from '@conference/muc';
import type { Picture, RoomChange } from '../room-store.js';
import { digest, FollowingReader } from './following-reader.contract.js';
import { put, remove } from './samples.contract.js';
import type { ContractSubject, StoreUnderTest } from './subject.contract.js';

type Step =
  | { readonly kind: 'commit'; readonly changes: RoomChange[]; readonly picture?: Picture }
  | { readonly kind: 'join' | 'openWriter' | 'reset' };

const roomIds = fc.constantFrom('a', 'b', '__proto__', '{c}:d', 'ü🙂', 'constructor');
const changes = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(roomIds, fc.nat(5)).map(([id, count]) => put(id, count)) },
  { weight: 1, arbitrary: roomIds.map(remove) },
);
const pictures = fc.constantFrom<Picture>(
  { state: 'live' },
  { state: 'stale', since: '2026-05-06T07:08:09.010Z' },
);
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record(
      {
        kind: fc.constant('commit' as const),
        changes: fc.array(changes, { maxLength: 5 }),
        picture: pictures,
      },
      { requiredKeys: ['kind', 'changes'] },
    ),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'join' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'openWriter' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'reset' as const }) },
);

export function describeHistories(subject: ContractSubject): void {
  test('gives every reader exactly the written history, wherever it joins', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(steps, { minLength: 1, maxLength: 40 }),
        fc.constantFrom(5, 1_000),
        async (history, keptChanges) => {
          const opened = await subject.open({ keptChanges });
          try {
            await play(opened, history);
          } finally {
            await opened.close();
          }
        },
      ),
      { numRuns: subject.propertyRuns },
    );
  }, 120_000);
}

async function play({ store, reader }: StoreUnderTest, history: readonly Step[]): Promise<void> {
  const readers = [new FollowingReader(reader)];
  /** What the store must hold at each revision. */
  const expected = new Map<number, string>();
  const rows = new Map<string, RoomRow>();
  let picture: Picture = { state: 'loading' };
  let writer = await store.openWriter();
  let revision = await writer.commit({ changes: [] });
  expected.set(revision, digest(rows.values(), picture));

  for (const step of [...history, { kind: 'join' } as const]) {
    switch (step.kind) {
      case 'join':
        readers.push(new FollowingReader(readers.length % 2 === 0 ? reader : store));
        break;
      case 'openWriter':
        writer = await store.openWriter();
        picture = picture.state === 'live' ? { state: 'stale', since: '' } : picture;
        revision = await writer.commit({ changes: [] });
        break;
      case 'reset':
        revision = await writer.reset();
        rows.clear();
        picture = { state: 'loading' };
        break;
      case 'commit':
        revision = await writer.commit(step);
        for (const change of step.changes) {
          if (change.kind === 'put') {
            rows.set(change.row.roomId, change.row);
          } else {
            rows.delete(change.roomId);
          }
        }
        picture = step.picture ?? picture;
        break;
    }
    expected.set(revision, digest(rows.values(), picture));
  }

  for (const one of readers) {
    await one.reach(revision);
    await one.stop();
  }
  for (const one of readers) {
    expect(one.seen.at(-1)).toMatchObject({
      cursor: { revision },
      digest: expected.get(revision),
    });
    for (const { cursor, digest: seen } of one.seen) {
      // Between the steps of a reset, and before the first writer, a reader sees `loading`.
      if (expected.has(cursor.revision) || !seen.startsWith('["loading"')) {
        expect(seen).toBe(expected.get(cursor.revision));
      }
    }
  }
}
