import { afterEach, describe, expect, test } from '@jest/globals';
import { ask, jsonOf, makeRow, waitUntil } from './facade.fixture.js';
import { stopEach } from './started-facades.fixture.js';

const start = stopEach(afterEach);

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
