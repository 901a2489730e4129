/** What stands in Redis where a row should: never given out, told by its name, put right by a write. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { type RedisRig, startRedisRig } from './contract/redis-rig.contract.js';
import { put, remove, sampleRow } from './contract/samples.contract.js';
import { roomKeys } from './room-keys.js';
import type { ChangeBatch, Cursor, RoomStore, RoomWriter } from './room-store.js';

// Real servers on a machine that does other things too.
jest.setTimeout(30_000);

let rig: RedisRig;
let store: RoomStore;
let writer: RoomWriter;

beforeEach(async () => {
  rig = await startRedisRig();
  store = rig.store();
  writer = await store.openWriter();
  await writer.commit({ changes: [put('tea'), put('good')], picture: { state: 'live' } });
});
afterEach(() => rig.stop());

const keys = () => roomKeys(rig.keyPrefix, 'conference.localhost');

/** The first batch after a place. */
async function followOnce(cursor: Cursor): Promise<ChangeBatch | undefined> {
  const end = new AbortController();
  let first: ChangeBatch | undefined;
  for await (const batch of store.follow(cursor, end.signal)) {
    first ??= batch;
    end.abort();
  }
  return first;
}

async function readNames() {
  const { rows, malformed } = await store.readSnapshot();
  return { rows: rows.map(({ roomId }) => roomId).toSorted(), malformed };
}

test.each([
  'null',
  'no JSON',
  '',
  '{}',
  '[]',
  '{"roomId":"tea"}',
  JSON.stringify(sampleRow('pot')),
  JSON.stringify({ ...sampleRow('tea'), occupants: -1 }),
  JSON.stringify({ ...sampleRow('tea'), creationDate: 'yesterday' }),
])('%s is no row, and is one again when it is put', async (text) => {
  await rig.admin('HSET', keys().rooms, 'tea', text);
  expect(await readNames()).toEqual({ rows: ['good'], malformed: ['tea'] });
  expect(await store.readRoom('tea')).toBeUndefined();
  const { cursor } = await store.readSnapshot();
  await writer.commit({ changes: [put('tea'), put('good')] });
  expect(await readNames()).toEqual({ rows: ['good', 'tea'], malformed: [] });
  expect((await followOnce(cursor))?.rowsPut).toEqual([sampleRow('tea')]);
});

test('is warned of by service and room, and what stands there is told nobody', async () => {
  const warnings: object[] = [];
  const logger = { info: () => undefined, warn: (fields: object) => void warnings.push(fields) };
  const watched = rig.store({ logger });
  await watched.readSnapshot();
  expect(warnings).toEqual([]);
  await rig.admin('HSET', keys().rooms, 'tea', 'secret');
  await watched.readSnapshot();
  expect(warnings).toEqual([{ mucService: 'conference.localhost', count: 1, roomIds: ['tea'] }]);
});

test('a malformed row can be removed', async () => {
  await rig.admin('HSET', keys().rooms, 'tea', '{}');
  await writer.commit({ changes: [remove('tea')] });
  expect(await readNames()).toEqual({ rows: ['good'], malformed: [] });
});

test.each([
  ['put', '[null]'],
  ['put', 'no JSON'],
  ['removed', '[7]'],
])('who follows loses the place at an entry whose %s is %s', async (field, value) => {
  const { cursor } = await store.readSnapshot();
  const { incarnation, revision } = cursor;
  const id = `${revision + 1}-0`;
  const entry = ['incarnation', incarnation, 'previous', revision, field, value];
  await rig.admin('XADD', keys().changes, id, 'weight', 1, 'bytes', 1, ...entry);
  await rig.admin('HSET', keys().meta, 'revision', revision + 1);
  await expect(followOnce(cursor)).rejects.toMatchObject({ code: 'cursor-lost' });
});
