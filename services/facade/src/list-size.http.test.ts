import { joinRoomList, serialiseRoomRow } from '@conference/rest-contract';
import { afterEach, expect, test } from '@jest/globals';
import { gunzipSync } from 'node:zlib';
import { ask, LIST, makeRow, waitUntil } from './facade.fixture.js';
import { stopEach } from './started-facades.fixture.js';

const start = stopEach(afterEach);

/** More rows than are made into bytes at once, with text that takes several bytes a letter. */
const rows = Array.from({ length: 6000 }, (_, index) =>
  makeRow(`room${String(index).padStart(4, '0')}|sitea`, { subject: `Größe ${index} 😀` }),
);
const expectedText = joinRoomList(rows.map(serialiseRoomRow));

test('a list of many parts has the documented bytes, plain and compressed', async () => {
  const { list } = await start({ rows });
  const [plain, zipped] = [await list(), await list({ 'accept-encoding': 'gzip' })];
  expect(plain.bytes.toString('utf8')).toBe(expectedText);
  expect(plain.headers['content-length']).toBe(String(plain.bytes.length));
  expect(gunzipSync(zipped.bytes).equals(plain.bytes)).toBe(true);
  expect(zipped.headers['content-length']).toBe(String(zipped.bytes.length));
});

test('clients that decompress by themselves get the whole of it', async () => {
  const { url, authorization } = await start({ rows });
  const reply = await fetch(url + LIST, { headers: { authorization, 'accept-encoding': 'gzip' } });
  expect(reply.headers.get('content-encoding')).toBe('gzip');
  expect(await reply.text()).toBe(expectedText);
});

test('HEAD of it has the head of GET and no body, and the connection can go on', async () => {
  const { url, authorization, list } = await start({ rows });
  const head = await ask(url + LIST, { method: 'HEAD', headers: { authorization } });
  expect([head.status, head.bytes.length]).toEqual([200, 0]);
  expect(head.headers['content-length']).toBe(String(Buffer.byteLength(expectedText)));
  expect(head.headers.etag).toBe((await list()).headers.etag);
});

test('its ETag after changes is that of a facade that never saw another list', async () => {
  const { list, writer } = await start({ rows: [...rows, makeRow('more|sitea')] });
  const etag = async (): Promise<string | undefined> => (await list()).headers.etag;
  const before = await etag();
  await writer.commit({
    changes: [
      { kind: 'remove', roomId: 'more|sitea' },
      { kind: 'remove', roomId: 'room0000|sitea' },
      { kind: 'put', row: makeRow('room3000|sitea') },
    ],
  });
  await writer.commit({
    changes: [rows[0], rows[3000]].flatMap((row) => (row ? [{ kind: 'put', row }] : [])),
  });
  const fresh = await start({ rows });
  const expected = (await fresh.list()).headers.etag;
  await waitUntil('the changes', async () => (await etag()) === expected);
  expect(expected).not.toBe(before);
});
