import {
  buildOpenApiDocument,
  livenessAnswerSchema,
  readinessAnswerSchema,
} from '@conference/rest-contract';
import { ConferenceError } from '@conference/muc';
import {
  createMetricsRegistry,
  createSilentLogger,
  readSettings,
} from '@conference/service-runtime';
import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { ask, jsonOf, LIST, makeRow, talk, waitUntil } from './facade.fixture.js';
import { stopEach } from './started-facades.fixture.js';
import { facadeSettings } from './settings.js';
import { startFacade } from './start-facade.js';

const start = stopEach(afterEach);

describe('health', () => {
  test('live and ready', async () => {
    const { url } = await start();
    expect(livenessAnswerSchema.parse(jsonOf(await ask(`${url}/livez`))).data.status).toBe('live');
    await waitUntil('readiness', async () => (await ask(`${url}/readyz`)).status === 200);
    const { data } = readinessAnswerSchema.parse(jsonOf(await ask(`${url}/readyz`)));
    expect(data.dependencies).toEqual([
      'process',
      'sites file',
      'store conference.test',
      'tracker conference.test',
      'picture conference.test',
    ]);
  });

  test('names each dependency that is not ready, those of the tracker included, and why, but no room', async () => {
    const { url, writer } = await start({ mucServices: ['a.test', 'b.test'] });
    await writer.report({
      dependencies: [
        {
          name: 'xmpp',
          isReady: false,
          reason: 'the server refuses the secret',
          detail: 'such as tea|sitea',
        },
        { name: 'other', isReady: true },
      ],
      metrics: '',
    });
    await writer.commit({
      changes: [],
      picture: { state: 'stale', since: '2026-01-02T03:04:05.678Z' },
    });
    const errors = async (): Promise<unknown> =>
      (jsonOf(await ask(`${url}/readyz`)) as { error: unknown }).error;
    const expected = [
      {
        code: 'not-ready',
        message: 'the rooms have not been followed since 2026-01-02T03:04:05.678Z',
        field: 'picture a.test',
      },
      { code: 'not-ready', message: 'the server refuses the secret', field: 'tracker: xmpp' },
    ];
    await waitUntil(
      'both reasons',
      async () => JSON.stringify(await errors()) === JSON.stringify(expected),
    );
    expect((await ask(`${url}/livez`)).status).toBe(200);
  });
});

describe('metrics', () => {
  test('count rooms, occupants, answers and lag, with those of the tracker', async () => {
    const fixture = await start({ rows: [makeRow('a|sitea', { occupants: 4 }), makeRow('b')] });
    await fixture.writer.commit({
      changes: [{ kind: 'put', row: makeRow('c') }],
      observedAtMs: Date.now() - 3,
    });
    await fixture.writer.report({
      dependencies: [],
      metrics: '# TYPE conference_tracker_x counter\nconference_tracker_x 7\n',
    });
    await talk(fixture.url, 'nonsense\r\n\r\n');
    await ask(fixture.url + LIST, { headers: { authorization: 'Basic eDp5' } });
    const text = async (): Promise<string> =>
      (await ask(`${fixture.url}/metrics`)).bytes.toString('utf8');
    await waitUntil('the report', async () => (await text()).includes('conference_tracker_x 7'));
    const lines = (await text()).split('\n');
    for (const line of [
      'conference_facade_rooms{muc_service="conference.test"} 3',
      'conference_facade_occupants{muc_service="conference.test"} 6',
      'conference_facade_stale_seconds{muc_service="conference.test"} 0',
      'conference_facade_requests_total{route="unknown",status="400"} 1',
      'conference_facade_requests_total{route="list",status="401"} 1',
      'conference_facade_auth_failures_total 1',
      'conference_facade_visible_lag_seconds_count 1',
      'conference_facade_sites 1',
    ]) {
      expect(lines).toContain(line);
    }
    const families = lines.filter((line) => line.startsWith('# TYPE'));
    expect(new Set(families).size).toBe(families.length);
    expect(lines.some((line) => line.includes('sitea'))).toBe(false);
  });
});

describe('the documentation', () => {
  test('is the document of the contract', async () => {
    const { url } = await start();
    expect(jsonOf(await ask(`${url}/openapi.json`))).toEqual(
      JSON.parse(JSON.stringify(buildOpenApiDocument('1.0.0'))),
    );
  });

  test('is a page that its policy keeps from calling anything outside', async () => {
    const { url } = await start();
    const page = await ask(`${url}/docs`);
    const html = page.bytes.toString('utf8');
    expect(html).not.toMatch(/https?:|<script>| on\w+=/);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).not.toMatch(/https?:|\*/);
    const scripts = [...html.matchAll(/src="([^"]+)"/g)].map(([, path]) => path);
    expect(scripts).toHaveLength(2);
    for (const path of scripts) {
      const script = await ask(`${url}${path}`, { headers: { 'accept-encoding': 'gzip' } });
      expect([script.status, script.headers['content-type']]).toEqual([
        200,
        'text/javascript; charset=utf-8',
      ]);
    }
  });

  test('its large script is compressed, and not sent twice', async () => {
    const { url } = await start();
    const headers = { 'accept-encoding': 'gzip' };
    const first = await ask(`${url}/docs/reference.js`, { headers });
    expect(first.headers['content-encoding']).toBe('gzip');
    expect(first.bytes.length).toBeLessThan(2_000_000);
    const second = await ask(`${url}/docs/reference.js`, {
      headers: { ...headers, 'if-none-match': String(first.headers.etag) },
    });
    expect([second.status, second.bytes.length]).toEqual([304, 0]);
  });
});

describe('stopping', () => {
  test('lets a request in flight finish, takes no new one, and may be asked twice', async () => {
    const { url, facade } = await start();
    const { hostname, port } = new URL(url);
    const inFlight = connect(Number(port), hostname);
    let answer = '';
    inFlight.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    const ended = once(inFlight, 'close');
    inFlight.write('GET /readyz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    await waitUntil('the request to arrive', async () =>
      (await ask(`${url}/metrics`)).bytes.includes('conference_facade_connections 2'),
    );
    const stopping = [facade.stop(), facade.stop()];
    await waitUntil('no new connections', () =>
      ask(`${url}/livez`).then(
        () => false,
        () => true,
      ),
    );
    inFlight.write('0\r\n\r\n');
    await ended;
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    expect(answer).toContain('"field":"process"');
    await Promise.all(stopping);
  });

  test('closes idle connections at once', async () => {
    const { url, facade } = await start({ environment: { FACADE_STOP_TIMEOUT_MS: '60000' } });
    const agent = new Agent({ keepAlive: true });
    const outgoing = request(`${url}/livez`, { agent });
    outgoing.end();
    const [incoming] = (await once(outgoing, 'response')) as [NodeJS.ReadableStream];
    incoming.resume();
    await once(incoming, 'end');
    await facade.stop();
    agent.destroy();
  });

  test('cuts what does not finish by the deadline', async () => {
    const { url, facade } = await start({ environment: { FACADE_STOP_TIMEOUT_MS: '100' } });
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.on('error', () => socket.destroy());
    const ended = once(socket, 'close');
    socket.write('GET /livez HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    await waitUntil('the request to arrive', async () =>
      (await ask(`${url}/metrics`)).bytes.includes('conference_facade_connections 2'),
    );
    await facade.stop();
    await ended;
  });
});

describe('starting', () => {
  test('on a port that is taken fails with a sentence that names the settings', async () => {
    const { url, sitesFile } = await start();
    const failure: unknown = await startFacade({
      settings: readSettings(facadeSettings, {
        FACADE_PORT: new URL(url).port,
        SITES_FILE: sitesFile,
      }),
      stores: [],
      logger: createSilentLogger(),
      registry: createMetricsRegistry(),
    }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConferenceError);
    expect(failure).toMatchObject({ code: 'configuration-invalid' });
    expect((failure as ConferenceError).message).toMatch(/FACADE_PORT.*in use/);
  });

  test.each(['10.0.0.0/33', 'proxy', '10.0.0.1/', '1.2.3.4/8/8'])(
    'with %j as a trusted proxy is refused',
    (text) => {
      expect(() => readSettings(facadeSettings, { FACADE_TRUSTED_PROXIES: text })).toThrow(
        'FACADE_TRUSTED_PROXIES',
      );
    },
  );
});
