import { capabilitiesAnswerSchema } from '@conference/rest-contract';
import type { ServiceCapabilities } from '@conference/muc';
import { afterEach, describe, expect, test } from '@jest/globals';
import { gunzipSync } from 'node:zlib';
import {
  ask,
  basic,
  jsonOf,
  makeCapabilities,
  makeRow,
  waitUntil,
  type FacadeFixture,
  type Reply,
} from './facade.fixture.js';
import { stopEach } from './started-facades.fixture.js';
import { addSiteToFile } from './site-registry.js';

const CAPABILITIES = '/v1/capabilities.json';
const PROSODY = { name: 'Prosody', version: '0.12.3' };
const SINCE = '2026-01-02T03:04:05.678Z';

const start = stopEach(afterEach);

/** Has the tracker of a service tell what it knows. */
async function tell(
  { writers }: FacadeFixture,
  capabilities: ServiceCapabilities,
  index = 0,
): Promise<void> {
  await writers[index]?.report({ dependencies: [], metrics: '', capabilities });
}

function askFor(
  { url, authorization }: FacadeFixture,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Reply> {
  return ask(url + CAPABILITIES, { method, headers: { authorization, ...headers } });
}

/** The services of an answer; undefined where it is a failure. */
function servicesOf(reply: Reply) {
  return reply.status === 200
    ? capabilitiesAnswerSchema.parse(jsonOf(reply)).data.services
    : undefined;
}

/** Waits until the answer is a success that is right, and returns it. */
async function waitFor(
  fixture: FacadeFixture,
  isRight: (services: NonNullable<ReturnType<typeof servicesOf>>) => boolean = () => true,
  headers: Record<string, string> = {},
): Promise<Reply> {
  let reply: Reply | undefined;
  await waitUntil('the capabilities', async () => {
    reply = await askFor(fixture, headers);
    const services = servicesOf(reply);
    return services !== undefined && isRight(services);
  });
  if (!reply) throw new Error('there is a reply once the wait is over');
  return reply;
}

describe('GET /v1/capabilities.json', () => {
  test('tells software, way and beginning of the following, and the source of each field', async () => {
    const fixture = await start({ picture: { state: 'live', since: SINCE } });
    await tell(fixture, makeCapabilities('fed', { software: PROSODY }));
    const reply = await waitFor(fixture);
    expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(reply.headers['x-request-id']).toBeDefined();
    const { fields } = makeCapabilities('fed');
    expect(servicesOf(reply)).toEqual([
      {
        mucService: 'conference.test',
        software: PROSODY,
        following: 'fed',
        followedSince: SINCE,
        fields,
      },
    ]);
    expect(fields.maxUsers).toBe('unknown');
  });

  test('503 with Retry-After until the tracker has told of every service', async () => {
    const fixture = await start({ mucServices: ['a.test', 'b.test'] });
    await tell(fixture, makeCapabilities('joined'));
    const early = await askFor(fixture);
    expect([early.status, early.headers['retry-after']]).toEqual([503, '1']);
    expect(jsonOf(early)).toMatchObject({
      result: 'Failure',
      error: [{ code: 'capabilities-unknown' }],
    });
    await tell(fixture, makeCapabilities('fed'), 1);
    const services = servicesOf(await waitFor(fixture));
    expect(services?.map(({ mucService, following }) => [mucService, following])).toEqual([
      ['a.test', 'joined'],
      ['b.test', 'fed'],
    ]);
  });

  test('needs the credentials of a site, and takes GET and HEAD alone', async () => {
    const fixture = await start();
    await tell(fixture, makeCapabilities('joined'));
    await waitFor(fixture);
    const unknown = await ask(fixture.url + CAPABILITIES);
    expect([unknown.status, unknown.headers['www-authenticate']]).toEqual([
      401,
      'Basic realm="conference", charset="UTF-8"',
    ]);
    const authorization = basic(fixture.siteId, 'wrong');
    expect((await askFor(fixture, { authorization })).status).toBe(401);
    const posted = await askFor(fixture, {}, 'POST');
    expect([posted.status, posted.headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  test('leaves the list of rooms as it is', async () => {
    const fixture = await start({ rows: [makeRow('a|sitea')] });
    const before = await fixture.list();
    await tell(fixture, makeCapabilities('joined', { software: PROSODY }));
    await waitFor(fixture);
    expect((await fixture.list()).bytes.equals(before.bytes)).toBe(true);
  });
});

describe('what a site may see', () => {
  test('with a suffix every service, with a service of its own that one alone', async () => {
    const fixture = await start({ mucServices: ['a.test', 'b.test'] });
    const { sitesFile } = fixture;
    const own = await addSiteToFile(sitesFile, 'siteb', { by: 'mucService', mucService: 'B.test' });
    const nobody = await addSiteToFile(sitesFile, 'sitec', {
      by: 'mucService',
      mucService: 'c.test',
    });
    await tell(fixture, makeCapabilities('joined', { software: PROSODY }));
    await tell(fixture, makeCapabilities('fed'), 1);

    expect(servicesOf(await waitFor(fixture))?.map(({ mucService }) => mucService)).toEqual([
      'a.test',
      'b.test',
    ]);
    const asOwner = { authorization: basic(own.siteId, own.apiKey) };
    const reply = await waitFor(fixture, () => true, asOwner);
    expect(servicesOf(reply)?.map(({ mucService }) => mucService)).toEqual(['b.test']);
    expect(reply.bytes.toString()).not.toMatch(/a\.test|Prosody/);

    const asNobody = { authorization: basic(nobody.siteId, nobody.apiKey) };
    await waitUntil(
      'the third site to be read',
      async () => (await askFor(fixture, asNobody)).status !== 401,
    );
    const refused = await askFor(fixture, asNobody);
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
  });

  test('a service that is not known yet keeps nobody waiting who does not see it', async () => {
    const fixture = await start({ mucServices: ['a.test', 'b.test'] });
    const own = await addSiteToFile(fixture.sitesFile, 'siteb', {
      by: 'mucService',
      mucService: 'b.test',
    });
    await tell(fixture, makeCapabilities('fed'), 1);
    await waitFor(fixture, () => true, { authorization: basic(own.siteId, own.apiKey) });
    expect((await askFor(fixture)).status).toBe(503);
  });
});

describe('since when it is followed', () => {
  const sinceOf = async (fixture: FacadeFixture): Promise<string | undefined> =>
    servicesOf(await askFor(fixture))?.[0]?.followedSince;

  test('is absent while interrupted, and later afterwards', async () => {
    const fixture = await start({ picture: { state: 'live', since: SINCE } });
    await tell(fixture, makeCapabilities('joined'));
    await waitFor(fixture);
    const since = '2026-01-02T04:00:00.000Z';
    await fixture.writer.commit({ changes: [], picture: { state: 'stale', since } });
    await waitUntil('the interruption', async () => (await sinceOf(fixture)) === undefined);
    expect((await askFor(fixture)).status).toBe(200);
    const again = '2026-01-02T05:00:00.000Z';
    await fixture.writer.commit({ changes: [], picture: { state: 'live', since: again } });
    await waitUntil('the new beginning', async () => (await sinceOf(fixture)) === again);
  });

  test('is absent once the tracker is silent', async () => {
    const fixture = await start({
      picture: { state: 'live', since: SINCE },
      environment: { FACADE_REPORT_MAX_AGE_MS: '50' },
    });
    await tell(fixture, makeCapabilities('joined'));
    await waitUntil('the silence', async () => {
      const services = servicesOf(await askFor(fixture));
      return services !== undefined && services[0]?.followedSince === undefined;
    });
  });

  test('is absent while another writer has not read everything', async () => {
    const fixture = await start({ picture: { state: 'live', since: SINCE } });
    const [store] = fixture.stores;
    if (!store) throw new Error('the fixture has a store');
    await tell(fixture, makeCapabilities('joined'));
    await waitFor(fixture, ([service]) => service?.followedSince === SINCE);
    await store.openWriter();
    await waitUntil('the interruption', async () => (await sinceOf(fixture)) === undefined);
  });
});

describe('conditions, HEAD and gzip', () => {
  test('an ETag that is held brings 304, until something else is told', async () => {
    const fixture = await start();
    await tell(fixture, makeCapabilities('joined'));
    const { etag = '' } = (await waitFor(fixture)).headers;
    const held = { 'if-none-match': etag };
    const reply = await askFor(fixture, held);
    expect([reply.status, reply.bytes.length, reply.headers.etag]).toEqual([304, 0, etag]);
    expect(reply.headers['cache-control']).toBe('private, no-cache');
    await tell(fixture, makeCapabilities('joined', { software: PROSODY }));
    await waitFor(fixture, ([service]) => service?.software !== undefined, held);
  });

  test('HEAD answers the same head without a body', async () => {
    const fixture = await start();
    await tell(fixture, makeCapabilities('joined'));
    const got = await waitFor(fixture);
    const head = await askFor(fixture, {}, 'HEAD');
    expect([head.status, head.bytes.length]).toEqual([200, 0]);
    for (const name of ['content-length', 'content-type', 'etag', 'vary']) {
      expect(head.headers[name]).toBe(got.headers[name]);
    }
  });

  test('gzip where it is asked for and saves anything', async () => {
    const mucServices = ['a.test', 'b.test', 'c.test', 'd.test'];
    const fixture = await start({ mucServices });
    for (const index of mucServices.keys()) await tell(fixture, makeCapabilities('fed'), index);
    const plain = await waitFor(fixture);
    const zipped = await askFor(fixture, { 'accept-encoding': 'gzip' });
    expect(zipped.headers['content-encoding']).toBe('gzip');
    expect(zipped.headers.etag).not.toBe(plain.headers.etag);
    expect(gunzipSync(zipped.bytes).equals(plain.bytes)).toBe(true);
  });
});
