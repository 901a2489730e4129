import type { RoomRow } from '@conference/muc';
import { joinRoomList, serialiseRoomRow } from '@conference/rest-contract';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { makeRow } from './facade.fixture.js';
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

function take(truth: Truth, lists: RoomLists, taken: Step): void {
  const rooms = truth.get(taken.service) ?? new Map<string, RoomRow>();
  truth.set(taken.service, rooms);
  switch (taken.kind) {
    case 'put':
      rooms.set(taken.row.roomId, taken.row);
      lists.apply(taken.service, [taken.row], []);
      break;
    case 'remove':
      rooms.delete(taken.roomId);
      lists.apply(taken.service, [], [taken.roomId]);
      break;
    case 'replace':
      truth.set(taken.service, new Map(taken.rows.map((each) => [each.roomId, each])));
      lists.replaceService(taken.service, taken.rows);
      break;
  }
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
  test('are, after any changes, exactly the rooms that are theirs, in order', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.nat(5), (steps, every) => {
        const truth: Truth = new Map();
        const lists = new RoomLists(() => 0);
        for (const [index, taken] of steps.entries()) {
          take(truth, lists, taken);
          if (index % (every + 1) === 0 || index === steps.length - 1) {
            for (const asker of askers) {
              const { plain } = lists.listOf(asker).current();
              expect(plain.bytes.toString('utf8')).toBe(expectedText(truth, asker));
            }
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test('never share a room between two suffixes', () => {
    fc.assert(
      fc.property(fc.uniqueArray(localpart), siteId, siteId, (roomIds, one, two) => {
        const lists = new RoomLists(() => 0);
        lists.replaceService(
          'a.test',
          roomIds.map((roomId) => makeRow(roomId)),
        );
        const roomsOf = (id: string): string[] => {
          const asker = { siteId: normaliseSiteId(id), rooms: { by: 'suffix' as const } };
          const text = lists.listOf(asker).current().plain.bytes.toString('utf8');
          const answer = JSON.parse(text) as { data: { rooms: RoomRow[] } };
          return answer.data.rooms.map(({ roomId }) => roomId);
        };
        if (normaliseSiteId(one) !== normaliseSiteId(two)) {
          expect(roomsOf(one).filter((roomId) => roomsOf(two).includes(roomId))).toEqual([]);
        }
      }),
    );
  });

  test('have one version for as long as they say the same', () => {
    let nowMs = 1000;
    const lists = new RoomLists(() => nowMs);
    const asker = { siteId: 'a', rooms: { by: 'suffix' as const } };
    lists.replaceService('a.test', [makeRow('r|a')]);
    const first = lists.listOf(asker).current();
    nowMs = 2000;
    lists.apply('a.test', [makeRow('r|a'), makeRow('r|b')], ['r|c']);
    lists.replaceService('a.test', [makeRow('r|b'), makeRow('r|a')]);
    expect(lists.listOf(asker).current()).toBe(first);
    lists.apply('a.test', [makeRow('r|a', { subject: 'new' })], []);
    const second = lists.listOf(asker).current();
    expect(second.plain.etag).not.toBe(first.plain.etag);
    expect([first.modifiedAtMs, second.modifiedAtMs]).toEqual([1000, 2000]);
  });

  test('count rooms and occupants of each MUC service', () => {
    const lists = new RoomLists(() => 0);
    lists.replaceService('a.test', [makeRow('r|a', { occupants: 3 }), makeRow('s')]);
    lists.apply('a.test', [makeRow('t', { occupants: 5 })], ['s']);
    expect(lists.countsOf('a.test')).toEqual({ rooms: 2, occupants: 8 });
    expect(lists.countsOf('b.test')).toEqual({ rooms: 0, occupants: 0 });
  });
});
