import { afterEach, describe, expect, test } from '@jest/globals';
import { readFile, rename, writeFile } from 'node:fs/promises';
import {
  ask,
  basic,
  jsonOf,
  LIST,
  makeRow,
  waitUntil,
  type FacadeFixture,
  type Reply,
} from './facade.fixture.js';
import { stopEach } from './started-facades.fixture.js';
import { addSiteToFile, removeFromFile, rotateKeyInFile } from './site-registry.js';

const start = stopEach(afterEach);

function askAs(fixture: FacadeFixture, authorization: string, more = {}): Promise<Reply> {
  return ask(fixture.url + LIST, { headers: { authorization, ...more } });
}

/** Everything of a reply that does not differ from request to request by nature. */
function essence({ status, headers, bytes }: Reply): unknown {
  return {
    status,
    headers: { ...headers, date: '', 'x-request-id': '' },
    text: bytes.toString('utf8'),
  };
}

describe('credentials', () => {
  test('an unknown site, a wrong key, a malformed header and none at all answer alike', async () => {
    const fixture = await start({ environment: { FACADE_AUTH_FAILURES: '1000' } });
    const { siteId, apiKey } = fixture;
    const none = await ask(fixture.url + LIST);
    expect(none.status).toBe(401);
    expect(none.headers['www-authenticate']).toBe('Basic realm="conference", charset="UTF-8"');
    expect(jsonOf(none)).toMatchObject({ error: [{ code: 'credentials-invalid' }], data: {} });
    for (const header of [
      basic('nobody', apiKey),
      basic(siteId, 'wrong'),
      basic(siteId, ''),
      basic(siteId, `${apiKey.slice(0, -1)}!`),
      basic(siteId, `${apiKey}x`),
      basic('', ''),
      basic('__proto__', apiKey),
      'Basic',
      'Basic !!!',
      `Basic ${Buffer.from('nocolon').toString('base64')}`,
      `Bearer ${apiKey}`,
      apiKey,
    ]) {
      expect(essence(await askAs(fixture, header))).toEqual(essence(none));
    }
  });

  test('a wrong key stays wrong after the right one was used, and the other way round', async () => {
    const fixture = await start();
    for (let round = 0; round < 3; round += 1) {
      expect((await askAs(fixture, fixture.authorization)).status).toBe(200);
      expect((await askAs(fixture, basic(fixture.siteId, 'w'.repeat(43)))).status).toBe(401);
    }
  });

  test('the case of scheme and siteId does not matter', async () => {
    const fixture = await start();
    const header = basic(fixture.siteId.toUpperCase(), fixture.apiKey).replace('Basic', 'bASIC');
    expect((await askAs(fixture, header)).status).toBe(200);
  });

  test('one site does not see what is not its own', async () => {
    const fixture = await start({ rows: [makeRow('r|sitea'), makeRow('r|siteb'), makeRow('r')] });
    const other = await addSiteToFile(fixture.sitesFile, 'siteB', { by: 'suffix' });
    const all = await addSiteToFile(fixture.sitesFile, 'all', {
      by: 'mucService',
      mucService: 'Conference.TEST',
    });
    const seen = async (site: { siteId: string; apiKey: string }): Promise<string[] | number> => {
      const reply = await askAs(fixture, basic(site.siteId, site.apiKey));
      const answer = jsonOf(reply) as { data: { rooms?: { roomId: string }[] } };
      return answer.data.rooms?.map(({ roomId }) => roomId) ?? reply.status;
    };
    await waitUntil('the new sites', async () => Array.isArray(await seen(all)));
    expect(await seen(fixture)).toEqual(['r|sitea']);
    expect(await seen(other)).toEqual(['r|siteb']);
    expect(await seen(all)).toEqual(['r', 'r|sitea', 'r|siteb']);
  });
});

describe('too many failures', () => {
  const environment = { FACADE_AUTH_FAILURES: '3', FACADE_AUTH_FAILURE_WINDOW_MS: '60000' };

  async function failUntilLimited(fixture: FacadeFixture, more = {}): Promise<Reply[]> {
    const replies: Reply[] = [];
    for (let attempt = 0; attempt < 4; attempt += 1) {
      replies.push(await askAs(fixture, basic('x', 'y'), more));
    }
    return replies;
  }

  test('are slowed with 429 and Retry-After, right credentials are not', async () => {
    const fixture = await start({ environment });
    const replies = await failUntilLimited(fixture);
    expect(replies.map(({ status }) => status)).toEqual([401, 401, 401, 429]);
    const [, , , limited] = replies;
    expect(Number(limited?.headers['retry-after'])).toBeGreaterThan(0);
    expect(jsonOf(limited as Reply)).toMatchObject({ error: [{ code: 'too-many-failures' }] });
    expect((await fixture.list()).status).toBe(200);
  });

  test('requests without credentials are no failures', async () => {
    const fixture = await start({ environment });
    for (let attempt = 0; attempt < 6; attempt += 1) {
      expect((await ask(fixture.url + LIST)).status).toBe(401);
    }
  });

  test('X-Forwarded-For changes nothing unless the proxy is trusted', async () => {
    const fixture = await start({ environment });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await askAs(fixture, basic('x', 'y'), { 'x-forwarded-for': `10.0.0.${attempt}` });
    }
    const reply = await askAs(fixture, basic('x', 'y'), { 'x-forwarded-for': '10.0.0.9' });
    expect(reply.status).toBe(429);
  });

  test('behind a trusted proxy each client is counted alone', async () => {
    const fixture = await start({
      environment: { ...environment, FACADE_TRUSTED_PROXIES: '127.0.0.0/8' },
    });
    const one = { 'x-forwarded-for': '8.8.8.8, 10.0.0.1' };
    const two = { 'x-forwarded-for': '10.0.0.1, 10.0.0.2' };
    expect((await failUntilLimited(fixture, one)).at(-1)?.status).toBe(429);
    expect((await askAs(fixture, basic('x', 'y'), two)).status).toBe(401);
  });
});

describe('the file with the sites', () => {
  test('a new key works beside the old, and a removed one no more', async () => {
    const fixture = await start();
    const second = await rotateKeyInFile(fixture.sitesFile, fixture.siteId);
    const header = basic(second.siteId, second.apiKey);
    await waitUntil('the new key', async () => (await askAs(fixture, header)).status === 200);
    expect((await fixture.list()).status).toBe(200);
    await removeFromFile(fixture.sitesFile, fixture.siteId, second.keyId);
    await waitUntil('its end', async () => (await askAs(fixture, header)).status >= 401);
    expect((await fixture.list()).status).toBe(200);
  });

  test('a broken file keeps the last good one, and readyz says why', async () => {
    const fixture = await start();
    const good = await readFile(fixture.sitesFile, 'utf8');
    const isReady = async (): Promise<boolean> =>
      (await ask(`${fixture.url}/readyz`)).status === 200;
    await waitUntil('readiness', isReady);
    await writeFile(fixture.sitesFile, '{ "version": 1, "sites": [');
    await waitUntil('unreadiness', async () => !(await isReady()));
    expect(jsonOf(await ask(`${fixture.url}/readyz`))).toMatchObject({
      error: [{ code: 'not-ready', field: 'sites file' }],
    });
    expect((await fixture.list()).status).toBe(200);
    await writeFile(`${fixture.sitesFile}.next`, good);
    await rename(`${fixture.sitesFile}.next`, fixture.sitesFile);
    await waitUntil('readiness again', isReady);
  });

  test('a site whose MUC service nobody follows gets 503, and readyz tells of it, naming nothing', async () => {
    const fixture = await start();
    const stray = await addSiteToFile(fixture.sitesFile, 'stray', {
      by: 'mucService',
      mucService: 'elsewhere.test',
    });
    const header = basic(stray.siteId, stray.apiKey);
    await waitUntil('the site', async () => (await askAs(fixture, header)).status === 503);
    const readiness = (await ask(`${fixture.url}/readyz`)).bytes.toString();
    expect(readiness).toContain('a site owns the rooms of a MUC service');
    expect(readiness).not.toMatch(/stray|elsewhere/);
  });
});
