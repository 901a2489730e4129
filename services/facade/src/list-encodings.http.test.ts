import { roomListAnswerSchema } from '@conference/rest-contract';
import { afterEach, describe, expect, test } from '@jest/globals';
import { gunzipSync } from 'node:zlib';
import { ask, jsonOf, LIST, makeRow, waitUntil } from './facade.fixture.js';
import { stopEach } from './started-facades.fixture.js';

const start = stopEach(afterEach);

const manyRows = Array.from({ length: 50 }, (_, index) => makeRow(`room${index}|sitea`));

describe('HEAD', () => {
  test('answers the same head without a body', async () => {
    const { url, authorization, list } = await start({ rows: manyRows });
    const got = await list();
    const head = await ask(url + LIST, { method: 'HEAD', headers: { authorization } });
    expect(head.status).toBe(200);
    expect(head.bytes.length).toBe(0);
    for (const name of ['content-length', 'content-type', 'etag', 'last-modified', 'vary']) {
      expect(head.headers[name]).toBe(got.headers[name]);
    }
  });
});

describe('conditions', () => {
  test('the same list has the same ETag in another facade, another list another', async () => {
    const [one, two, other] = [
      await start({ rows: manyRows }),
      await start({ rows: manyRows.toReversed() }),
      await start({ rows: manyRows.slice(1) }),
    ];
    const etag = (await one.list()).headers.etag;
    expect(etag).toMatch(/^"[\w-]{20,}"$/);
    expect((await two.list()).headers.etag).toBe(etag);
    expect((await other.list()).headers.etag).not.toBe(etag);
  });

  test('304 for an ETag that is held: alone, weak, in a list, or any', async () => {
    const { list } = await start({ rows: manyRows });
    const { etag = '' } = (await list()).headers;
    for (const held of [etag, `W/${etag}`, `"a,b", ${etag}`, '*']) {
      const reply = await list({ 'if-none-match': held });
      expect([held, reply.status, reply.bytes.length]).toEqual([held, 304, 0]);
      expect(reply.headers.etag).toBe(etag);
      expect(reply.headers['cache-control']).toBe('private, no-cache');
      expect(reply.headers['x-request-id']).toBeDefined();
    }
    expect((await list({ 'if-none-match': '"other"' })).status).toBe(200);
  });

  test('a change ends the 304', async () => {
    const { list, writer } = await start({ rows: manyRows });
    const { etag = '' } = (await list()).headers;
    await writer.commit({ changes: [{ kind: 'put', row: makeRow('new|sitea') }] });
    const isNew = async (): Promise<boolean> =>
      (await list({ 'if-none-match': etag })).status === 200;
    await waitUntil('the new list', isNew);
  });

  test('304 for the date once its second is over; an ETag that differs is stronger', async () => {
    const { list } = await start({ rows: manyRows });
    const dateOf = async (): Promise<string> => (await list()).headers['last-modified'] ?? '';
    const first = await dateOf();
    await waitUntil('the second to be over', async () => (await dateOf()) !== first);
    const date = await dateOf();
    expect((await list({ 'if-modified-since': date })).status).toBe(304);
    expect((await list({ 'if-modified-since': first })).status).toBe(200);
    const both = { 'if-modified-since': date, 'if-none-match': '"other"' };
    expect((await list(both)).status).toBe(200);
  });
});

describe('gzip', () => {
  test('is sent when asked for, with an ETag of its own', async () => {
    const { list } = await start({ rows: manyRows });
    const plain = await list();
    const zipped = await list({ 'accept-encoding': 'br;q=1, gzip;q=0.5' });
    expect(zipped.headers['content-encoding']).toBe('gzip');
    expect(zipped.headers['content-length']).toBe(String(zipped.bytes.length));
    expect(zipped.headers.vary).toContain('Accept-Encoding');
    expect(gunzipSync(zipped.bytes).equals(plain.bytes)).toBe(true);
    expect(zipped.headers.etag).not.toBe(plain.headers.etag);

    const { etag = '' } = zipped.headers;
    const held = await list({ 'accept-encoding': 'gzip', 'if-none-match': etag });
    expect([held.status, held.headers.etag]).toEqual([304, etag]);
    expect((await list({ 'if-none-match': etag })).status).toBe(200);
  });

  test('304 for a compressed list that nobody has compressed yet', async () => {
    const [one, two] = [await start({ rows: manyRows }), await start({ rows: manyRows })];
    const { etag = '' } = (await one.list({ 'accept-encoding': 'gzip' })).headers;
    const held = await two.list({ 'accept-encoding': 'gzip', 'if-none-match': etag });
    expect([held.status, held.headers.etag]).toEqual([304, etag]);
  });

  test('is not sent where it is refused, or the list is tiny', async () => {
    const { list } = await start({ rows: manyRows });
    const refused = await list({ 'accept-encoding': 'gzip;q=0, *' });
    expect(refused.headers['content-encoding']).toBeUndefined();
    const tiny = await start();
    const reply = await tiny.list({ 'accept-encoding': 'gzip' });
    expect(reply.headers['content-encoding']).toBeUndefined();
    expect(jsonOf(reply)).toMatchObject({ data: { rooms: [] } });
  });

  test('many who ask at once, amid changes, each get a whole list', async () => {
    const { list, writer } = await start({ rows: manyRows });
    const replies: Promise<{ bytes: Buffer }>[] = [];
    for (let round = 0; round < 20; round += 1) {
      await writer.commit({
        changes: [{ kind: 'put', row: makeRow('x|sitea', { subject: `${round}` }) }],
      });
      replies.push(list({ 'accept-encoding': 'gzip' }), list({ 'accept-encoding': 'gzip' }));
    }
    for (const { bytes } of await Promise.all(replies)) {
      const answer: unknown = JSON.parse(gunzipSync(bytes).toString('utf8'));
      expect(roomListAnswerSchema.parse(answer).data.rooms.length).toBeGreaterThanOrEqual(50);
    }
  });
});
