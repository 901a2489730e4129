import type { RoomRow } from '@conference/muc';
import { joinRoomList, serialiseRoomRow } from '@conference/rest-contract';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { makeRow, textOfList } from './facade.fixture.js';
import { RoomLists } from './room-lists.js';
import { normaliseSiteId, type OwnedRooms } from './site.js';

interface Asker {
  readonly siteId: string;
  readonly rooms: OwnedRooms;
}

const services = ['a.test', 'b.test'];

/** Site ids and localparts that were made to be mistaken for one another. */
const siteId = fc.constantFrom('a', 'b', 'A', 'aa', '.', '-a', 'a.b', '_', 'b-a');
const localpart = fc.oneof(
  fc.constantFrom('|a', 'r|a', 'r|b|a', 'r|a|b', 'r|A', 'r|aa', 'a', 'r\\7ca', 'r|', '||', 'r|ａ'),
  fc.constantFrom('r|\u0430', 'é|a', '😀|b', 'r|a.b', 'r|-a', 'r|a ', 'r|a\u200d', 'toString|a'),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 }).map((text) => `${text}|a`),
);

type Step =
  | { readonly kind: 'put'; readonly service: string; readonly row: RoomRow }
  | { readonly kind: 'remove'; readonly service: string; readonly roomId: string }
  | { readonly kind: 'replace'; readonly service: string; readonly rows: readonly RoomRow[] };

const service = fc.constantFrom(...services);
const row = fc.tuple(localpart, fc.nat(3)).map(([roomId, members]) => makeRow(roomId, { members }));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('put' as const), service, row }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('remove' as const), service, roomId: localpart }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('replace' as const),
      service,
      rows: fc.uniqueArray(row, { selector: ({ roomId }) => roomId, maxLength: 6 }),
    }),
  },
);

type Truth = Map<string, Map<string, RoomRow>>;

function take(truth: Truth, lists: RoomLists, taken: Step): Promise<void> {
  const rooms = truth.get(taken.service) ?? new Map<string, RoomRow>();
  truth.set(taken.service, rooms);
  switch (taken.kind) {
    case 'put':
      rooms.set(taken.row.roomId, taken.row);
      return lists.apply(taken.service, [taken.row], []);
    case 'remove':
      rooms.delete(taken.roomId);
      return lists.apply(taken.service, [], [taken.roomId]);
    case 'replace':
      truth.set(taken.service, byRoomId(taken.rows));
      return lists.replaceService(taken.service, byRoomId(taken.rows));
  }
}

function byRoomId(rows: readonly RoomRow[]): Map<string, RoomRow> {
  return new Map(rows.map((each) => [each.roomId, each]));
}

/** The list as the rule says it in words, found the slow way. */
function expectedText(truth: Truth, { siteId: id, rooms }: Asker): string {
  const found = [...truth].flatMap(([name, byId]) =>
    [...byId.values()]
      .filter(({ roomId }) =>
        rooms.by === 'suffix' ? roomId.endsWith(`|${id}`) : name === rooms.mucService,
      )
      .map((each) => ({ name, row: each })),
  );
  found.sort((a, b) => {
    const [left, right] = [
      [a.row.roomId, a.name],
      [b.row.roomId, b.name],
    ].map((parts) => parts.map((part) => [...part].map((c) => hexOf(c)).join('')).join('/'));
    return (left ?? '') < (right ?? '') ? -1 : 1;
  });
  return joinRoomList(found.map(({ row: each }) => serialiseRoomRow(each)));
}

/** Code units in hexadecimal: their order as text is their order as numbers. */
function hexOf(character: string): string {
  return [...Array(character.length).keys()]
    .map((index) => character.charCodeAt(index).toString(16).padStart(4, '0'))
    .join('');
}

const askers: readonly Asker[] = [
  ...['a', 'b', 'A', 'aa', '.', '-a', 'a.b', '_', 'b-a'].map((id) => ({
    siteId: normaliseSiteId(id),
    rooms: { by: 'suffix' as const },
  })),
  ...services.map((mucService) => ({
    siteId: 'any',
    rooms: { by: 'mucService' as const, mucService },
  })),
];

describe('the lists of sites', () => {
  test('are, after any changes, exactly the rooms that are theirs, in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.nat(5), async (steps, every) => {
        const truth: Truth = new Map();
        const lists = new RoomLists(() => 0);
        for (const [index, taken] of steps.entries()) {
          await take(truth, lists, taken);
          if (index % (every + 1) === 0 || index === steps.length - 1) {
            for (const asker of askers) {
              expect(textOfList(lists.listOf(asker))).toBe(expectedText(truth, asker));
            }
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test('never share a room between two suffixes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(localpart), siteId, siteId, async (roomIds, one, two) => {
        const lists = new RoomLists(() => 0);
        await lists.replaceService('a.test', byRoomId(roomIds.map((roomId) => makeRow(roomId))));
        const roomsOf = (id: string): string[] => {
          const asker = { siteId: normaliseSiteId(id), rooms: { by: 'suffix' as const } };
          const answer = JSON.parse(textOfList(lists.listOf(asker))) as {
            data: { rooms: RoomRow[] };
          };
          return answer.data.rooms.map(({ roomId }) => roomId);
        };
        if (normaliseSiteId(one) !== normaliseSiteId(two)) {
          expect(roomsOf(one).filter((roomId) => roomsOf(two).includes(roomId))).toEqual([]);
        }
      }),
    );
  });

  test('have one version for as long as they say the same', async () => {
    let nowMs = 1000;
    const lists = new RoomLists(() => nowMs);
    const asker = { siteId: 'a', rooms: { by: 'suffix' as const } };
    await lists.replaceService('a.test', byRoomId([makeRow('r|a')]));
    const first = lists.listOf(asker).ready();
    nowMs = 2000;
    await lists.apply('a.test', [makeRow('r|a'), makeRow('r|b')], ['r|c']);
    await lists.replaceService('a.test', byRoomId([makeRow('r|b'), makeRow('r|a')]));
    expect(lists.listOf(asker).ready()).toBe(first);
    await lists.apply('a.test', [makeRow('r|a', { subject: 'new' })], []);
    const second = lists.listOf(asker).ready();
    expect(second?.plain.etag).not.toBe(first?.plain.etag);
    expect([first?.modifiedAtMs, second?.modifiedAtMs]).toEqual([1000, 2000]);
  });

  test('take changes of several MUC services at a time one after the other', async () => {
    const lists = new RoomLists(() => 0);
    const asker = { siteId: 'a', rooms: { by: 'suffix' as const } };
    const many = Array.from({ length: 20_000 }, (_, index) => makeRow(`many${index}|a`));
    await Promise.all([
      lists.replaceService('a.test', byRoomId(many)),
      lists.apply('b.test', [makeRow('b|a')], []),
      lists.apply('a.test', [makeRow('c|a')], ['many0|a']),
    ]);
    const version = await lists.listOf(asker).current();
    const answer = JSON.parse(Buffer.concat(version.plain.buffers).toString('utf8')) as {
      data: { rooms: RoomRow[] };
    };
    const roomIds = answer.data.rooms.map(({ roomId }) => roomId);
    expect(roomIds).toHaveLength(20_001);
    expect(roomIds.slice(0, 3)).toEqual(['b|a', 'c|a', 'many10000|a']);
  });

  test('count rooms and occupants of each MUC service', async () => {
    const lists = new RoomLists(() => 0);
    await lists.replaceService(
      'a.test',
      byRoomId([makeRow('r|a', { occupants: 3 }), makeRow('s')]),
    );
    await lists.apply('a.test', [makeRow('t', { occupants: 5 })], ['s']);
    expect(lists.countsOf('a.test')).toEqual({ rooms: 2, occupants: 8 });
    expect(lists.countsOf('b.test')).toEqual({ rooms: 0, occupants: 0 });
  });
});
