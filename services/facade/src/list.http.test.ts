import { roomListAnswerSchema } from '@conference/rest-contract';
import { afterEach, describe, expect, test } from '@jest/globals';
import { gunzipSync } from 'node:zlib';
import {
  ask,
  jsonOf,
  LIST,
  makeRow,
  startFixture,
  waitUntil,
  type FacadeFixture,
  type FixtureOptions,
} from './facade.fixture.js';

let running: FacadeFixture[] = [];

async function start(options: FixtureOptions = {}): Promise<FacadeFixture> {
  const fixture = await startFixture(options);
  running.push(fixture);
  return fixture;
}

afterEach(async () => {
  await Promise.all(running.map((fixture) => fixture.stop()));
  running = [];
});

const manyRows = Array.from({ length: 50 }, (_, index) => makeRow(`room${index}|sitea`));

describe('GET /v1/conference.json', () => {
  test('answers the documented bytes', async () => {
    const { list } = await start({
      rows: [
        makeRow('b|sitea', { name: 'Ünïcode 😀 "quoted"', subject: 's' }),
        makeRow('a|sitea', {
          moderators: 0,
          occupants: 0,
          emptyDate: '2013-01-01T00:00:00.000Z',
        }),
        makeRow('a|siteb'),
      ],
    });
    const reply = await list();
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(reply.headers['content-length']).toBe(String(reply.bytes.length));
    expect(reply.bytes.toString('utf8')).toBe(
      '{"result":"Success","resultCode":200,"message":"","error":[],"data":{"rooms":[' +
        '{"roomId":"a|sitea","name":"a|sitea","admins":0,"creationDate":"2012-06-25T17:21:33.747Z","description":"a|sitea","maxUsers":0,"members":0,"moderators":0,"modificationDate":"2012-06-25T17:21:33.747Z","occupants":0,"outcasts":0,"owners":1,"participants":0,"subject":"","emptyDate":"2013-01-01T00:00:00.000Z"},' +
        '{"roomId":"b|sitea","name":"Ünïcode 😀 \\"quoted\\"","admins":0,"creationDate":"2012-06-25T17:21:33.747Z","description":"b|sitea","maxUsers":0,"members":0,"moderators":1,"modificationDate":"2012-06-25T17:21:33.747Z","occupants":1,"outcasts":0,"owners":1,"participants":0,"subject":"s"}' +
        ']}}',
    );
    expect(roomListAnswerSchema.safeParse(jsonOf(reply)).success).toBe(true);
  });

  test('brings non-ASCII, escaped and very long localparts through', async () => {
    const roomIds = [
      'd\\27artagnan\\40x|sitea',
      'комната|sitea',
      `${'é'.repeat(508)}|sitea`,
      '|sitea',
    ];
    const fixture = await start({ rows: roomIds.map((roomId) => makeRow(roomId)) });
    expect(await fixture.roomIds()).toEqual([...roomIds].sort());
  });

  test('ignores unknown query parameters, also badly encoded ones', async () => {
    const { url, authorization } = await start();
    const reply = await ask(`${url}${LIST}?x=%&y[z]=1`, { headers: { authorization } });
    expect(reply.status).toBe(200);
  });

  test('shows each change: put, renewed, removed', async () => {
    const fixture = await start({ rows: [makeRow('a|sitea')] });
    await fixture.writer.commit({
      changes: [
        { kind: 'put', row: makeRow('b|sitea') },
        { kind: 'remove', roomId: 'a|sitea' },
      ],
    });
    await waitUntil('the change', async () => (await fixture.roomIds()).join() === 'b|sitea');
    await fixture.writer.commit({
      changes: [{ kind: 'put', row: makeRow('b|sitea', { subject: 'new' }) }],
    });
    await waitUntil('the subject', async () => (await fixture.list()).bytes.includes('"new"'));
  });

  test('shows the rooms of all MUC services, by roomId and then by service', async () => {
    const fixture = await start({
      mucServices: ['z.test', 'a.test'],
      rows: [makeRow('same|sitea', { name: 'of z' }), makeRow('b|sitea')],
    });
    await fixture.writers[1]?.commit({
      changes: [{ kind: 'put', row: makeRow('same|sitea', { name: 'of a' }) }],
    });
    const names = async (): Promise<string[]> => {
      const { data } = roomListAnswerSchema.parse(jsonOf(await fixture.list()));
      return data.rooms.map(({ name }) => name);
    };
    await waitUntil('both services', async () => (await names()).length === 3);
    expect(await names()).toEqual(['b|sitea', 'of a', 'of z']);
  });
});

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

describe('how far the list can be trusted', () => {
  test('503 with Retry-After until the first whole picture', async () => {
    const fixture = await start({
      picture: { state: 'loading' },
      rows: [makeRow('a|sitea')],
    });
    await waitUntil('readyz to know the store', async () => {
      const reply = await ask(`${fixture.url}/readyz`);
      return !reply.bytes.includes('"store conference.test"');
    });
    const early = await fixture.list();
    expect([early.status, early.headers['retry-after']]).toEqual([503, '1']);
    expect(jsonOf(early)).toMatchObject({
      result: 'Failure',
      resultCode: 503,
      error: [{ code: 'picture-incomplete' }],
      data: {},
    });
    await fixture.writer.commit({ changes: [], picture: { state: 'live' } });
    await waitUntil('the list', async () => (await fixture.list()).status === 200);
    expect(await fixture.roomIds()).toEqual(['a|sitea']);
  });

  test('a suffix needs every MUC service', async () => {
    const fixture = await start({ mucServices: ['a.test', 'b.test'] });
    await fixture.writers[1]?.reset();
    const late = await start({ mucServices: ['a.test'] });
    expect((await fixture.list()).status).toBe(200);
    expect((await late.list()).headers['conference-stale-since']).toBeUndefined();
    await waitUntil('the loss of one', async () => {
      return (await fixture.list()).headers['conference-stale-since'] !== undefined;
    });
  });

  test('says since when a stale picture is, also with a 304, and stops when it is live', async () => {
    const since = '2026-01-02T03:04:05.678Z';
    const { list, writer } = await start({ rows: [makeRow('a|sitea')] });
    const { etag = '' } = (await list()).headers;
    await writer.commit({ changes: [], picture: { state: 'stale', since } });
    const sinceHeader = async (headers = {}): Promise<string | string[] | undefined> =>
      (await list(headers)).headers['conference-stale-since'];
    await waitUntil('the mark', async () => (await sinceHeader()) === since);
    expect(await sinceHeader({ 'if-none-match': etag })).toBe(since);
    await writer.commit({ changes: [], picture: { state: 'live' } });
    await waitUntil('the mark to go', async () => (await sinceHeader()) === undefined);
    expect((await list()).headers.etag).toBe(etag);
  });

  test('keeps the last picture, marked stale, while the store is being written anew', async () => {
    const fixture = await start({ rows: [makeRow('a|sitea'), makeRow('b|sitea')] });
    await fixture.writer.reset();
    const isStale = async (): Promise<boolean> =>
      (await fixture.list()).headers['conference-stale-since'] !== undefined;
    await waitUntil('the mark', isStale);
    await fixture.writer.commit({ changes: [{ kind: 'put', row: makeRow('c|sitea') }] });
    expect(await fixture.roomIds()).toEqual(['a|sitea', 'b|sitea']);
    await fixture.writer.commit({ changes: [], picture: { state: 'live' } });
    await waitUntil('the new picture', async () => (await fixture.roomIds()).join() === 'c|sitea');
    expect(await isStale()).toBe(false);
  });

  test('is live as soon as a new tracker wrote so, though its first report is not there', async () => {
    const fixture = await start({ environment: { FACADE_REPORT_MAX_AGE_MS: '2000' } });
    const isStale = async (): Promise<boolean> =>
      (await fixture.list()).headers['conference-stale-since'] !== undefined;
    await waitUntil('the silence of the old tracker', isStale);
    const writer = await fixture.stores[0]?.openWriter();
    await writer?.commit({ changes: [], picture: { state: 'live' } });
    await waitUntil('the live list', async () => !(await isStale()));
  });

  test('is stale since the last report of a tracker that went silent', async () => {
    const { list, writer } = await start({
      environment: { FACADE_REPORT_MAX_AGE_MS: '50' },
    });
    const sinceMs = async (): Promise<number | undefined> => {
      const header = (await list()).headers['conference-stale-since'];
      return header === undefined ? undefined : Date.parse(String(header));
    };
    const beforeMs = Date.now();
    await writer.report({ dependencies: [], metrics: '' });
    const afterMs = Date.now();
    await waitUntil('the silence', async () => {
      const marked = await sinceMs();
      return marked !== undefined && marked >= beforeMs - 300;
    });
    expect(await sinceMs()).toBeLessThanOrEqual(afterMs + 300);
  });
});
