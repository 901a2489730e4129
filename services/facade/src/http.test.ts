import { failureEnvelopeSchema, REST_ERRORS, type RestErrorCode } from '@conference/rest-contract';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { once } from 'node:events';
import { connect } from 'node:net';
import {
  ask,
  jsonOf,
  LIST,
  makeRow,
  startFixture,
  talk,
  type FacadeFixture,
  type Reply,
} from './facade.fixture.js';
import { repliesIn } from './raw-replies.fixture.js';

let fixture: FacadeFixture;

beforeAll(async () => {
  fixture = await startFixture({
    rows: [makeRow('a|sitea')],
    environment: {
      FACADE_MAX_BODY_BYTES: '1000',
      FACADE_MAX_HEADER_BYTES: '8192',
      FACADE_HEADERS_TIMEOUT_MS: '300',
      FACADE_REQUEST_TIMEOUT_MS: '500',
    },
  });
});

afterAll(() => fixture.stop());

function expectFailure(reply: Reply, code: RestErrorCode): void {
  expect(reply.status).toBe(REST_ERRORS[code].status);
  expect(reply.headers['x-request-id']).toMatch(/^[\w-]+$/);
  expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
  const envelope = failureEnvelopeSchema.parse(jsonOf(reply));
  expect(envelope.resultCode).toBe(reply.status);
  expect(envelope.error[0]?.code).toBe(code);
}

async function talkOnce(bytes: string, code: RestErrorCode): Promise<void> {
  const replies = repliesIn(await talk(fixture.url, bytes));
  expect(replies).toHaveLength(1);
  expectFailure(replies[0] as Reply, code);
}

describe('addresses and methods', () => {
  test.each(['/', '/v1', '/v1/conference.json/', '/V1/conference.json', '/v1/%63onference.json2'])(
    '%s is unknown',
    async (path) => {
      expectFailure(await ask(fixture.url + path), 'route-unknown');
    },
  );

  test.each([
    LIST,
    '/livez',
    '/readyz',
    '/metrics',
    '/openapi.json',
    '/docs',
    '/docs/reference.js',
  ])('%s takes GET and HEAD only', async (path) => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']) {
      const reply = await ask(fixture.url + path, { method });
      expectFailure(reply, 'method-not-allowed');
      expect(reply.headers.allow).toBe('GET, HEAD');
    }
    const head = await ask(fixture.url + path, {
      method: 'HEAD',
      headers: { authorization: fixture.authorization },
    });
    expect([head.status, head.bytes.length]).toEqual([200, 0]);
  });

  test('a percent sign that encodes nothing is a malformed request', async () => {
    expectFailure(await ask(`${fixture.url}/v1/%zz`), 'request-malformed');
  });

  test('no answer says what it is made with, and ids differ', async () => {
    const replies = [await ask(`${fixture.url}/nowhere`), await fixture.list()];
    for (const { headers } of replies) {
      expect(headers['x-powered-by']).toBeUndefined();
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
    expect(new Set(replies.map(({ headers }) => headers['x-request-id'])).size).toBe(2);
  });

  test('CONNECT is refused', () =>
    talkOnce('CONNECT example.org:80 HTTP/1.1\r\nHost: x\r\n\r\n', 'method-not-allowed'));

  test('an expectation that nobody can meet is refused', async () => {
    const reply = await ask(fixture.url + LIST, { headers: { expect: 'miracles' } });
    expectFailure(reply, 'expectation-failed');
  });

  test('the absolute form of an address is understood', async () => {
    const text = await talk(
      fixture.url,
      `GET http://any${LIST} HTTP/1.1\r\nHost: any\r\nAuthorization: ${fixture.authorization}\r\nConnection: close\r\n\r\n`,
    );
    expect(repliesIn(text).map(({ status }) => status)).toEqual([200]);
  });
});

describe('limits', () => {
  test('a large body of a known length', async () => {
    const reply = await ask(fixture.url + LIST, { method: 'POST', body: 'x'.repeat(100_000) });
    expectFailure(reply, 'body-too-large');
  });

  test('a large body of an unknown length', async () => {
    const reply = await ask(fixture.url + LIST, {
      headers: { authorization: fixture.authorization, 'transfer-encoding': 'chunked' },
      body: 'x'.repeat(5000),
    });
    expectFailure(reply, 'body-too-large');
  });

  test('a small body is let pass', async () => {
    for (const headers of [{ 'transfer-encoding': 'chunked' }, { 'content-length': '3' }]) {
      const reply = await ask(fixture.url + LIST, {
        headers: { authorization: fixture.authorization, ...headers },
        body: 'abc',
      });
      expect(reply.status).toBe(200);
    }
  });

  test('a body that waits for leave gets none where it is too large', async () => {
    const text = await talk(
      fixture.url,
      `POST ${LIST} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5000\r\nConnection: close\r\n\r\n`,
    );
    expect(text).not.toContain('100 Continue');
    expectFailure(repliesIn(text)[0] as Reply, 'body-too-large');
  });

  test('a long address', async () => {
    expectFailure(await ask(`${fixture.url}/${'x'.repeat(5000)}`), 'target-too-long');
  });

  test('large headers, slightly and grossly', async () => {
    for (const size of [9000, 500_000]) {
      await talkOnce(
        `GET ${LIST} HTTP/1.1\r\nHost: x\r\nX-Long: ${'y'.repeat(size)}\r\n\r\n`,
        'headers-too-large',
      );
    }
  });

  test('a head that comes too slowly', () =>
    talkOnce(`GET ${LIST} HTTP/1.1\r\nHost: x\r\n`, 'request-timeout'));

  test('a body that comes too slowly', () =>
    talkOnce(
      `POST ${LIST} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab`,
      'request-timeout',
    ));
});

describe('a request that was answered before all of it had come', () => {
  test('gets no second answer when the rest never comes', async () => {
    const text = await talk(
      fixture.url,
      `POST ${LIST} HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\nabc`,
    );
    expect(repliesIn(text).map(({ status }) => status)).toEqual([413]);
  });
});

describe('broken HTTP', () => {
  test.each([
    ['both lengths', 'Host: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'Host: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n'],
    ['a signed length', 'Host: x\r\nContent-Length: +5\r\n\r\n'],
    ['an obscured encoding', 'Host: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n'],
    ['a folded header', 'Host: x\r\nX: a\r\n b\r\n\r\n'],
    ['a bare line feed', 'Host: x\nX: a\n\n'],
    ['a nul in a header', 'Host: x\r\nX: a\0b\r\n\r\n'],
    ['no host', 'X: y\r\nConnection: close\r\n\r\n'],
    ['two hosts', 'Host: x\r\nHost: y\r\nConnection: close\r\n\r\n'],
  ])('%s is a malformed request', (_, head) =>
    talkOnce(`GET ${LIST} HTTP/1.1\r\n${head}`, 'request-malformed'),
  );

  test.each([
    'hello\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  ])('so is %j', (bytes) => talkOnce(bytes, 'request-malformed'));

  test('a smuggled request is never answered', async () => {
    const smuggled = `GET /livez HTTP/1.1\r\nHost: x\r\n\r\n`;
    const text = await talk(
      fixture.url,
      `POST ${LIST} HTTP/1.1\r\nHost: x\r\nContent-Length: ${smuggled.length + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    );
    expect(repliesIn(text).map(({ status }) => status)).toEqual([400]);
  });

  test('after good requests on the same connection, they are answered first and in order', async () => {
    const good = `GET /livez HTTP/1.1\r\nHost: x\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n`;
    const replies = repliesIn(await talk(fixture.url, `${good}garbage\r\n\r\n`));
    expect(replies.map(({ status }) => status)).toEqual([200, 404, 400]);
  });

  test('random bytes get an envelope or silence, and harm nobody', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (bytes) => {
        const text = await talk(
          fixture.url,
          Buffer.concat([Buffer.from(bytes), Buffer.from('\r\n\r\n')]),
          true,
        ).catch((error: NodeJS.ErrnoException) => error.code ?? 'unknown');
        expect(text === '' || text === 'ECONNRESET' || text.startsWith('HTTP/1.1 4')).toBe(true);
      }),
      { numRuns: 60 },
    );
    expect((await fixture.list()).status).toBe(200);
  });
});

describe('connections', () => {
  test('a client that has closed its half still gets its answer', async () => {
    const text = await talk(fixture.url, 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n', true);
    expect(repliesIn(text).map(({ status }) => status)).toEqual([200]);
  });

  test('requests sent in one go are answered in order', async () => {
    const paths = ['/livez', LIST, '/nowhere', LIST];
    const head = `Host: x\r\nAuthorization: ${fixture.authorization}\r\n`;
    const text = await talk(
      fixture.url,
      paths
        .map(
          (path, index) =>
            `GET ${path} HTTP/1.1\r\n${head}Connection: ${index === 3 ? 'close' : 'keep-alive'}\r\n\r\n`,
        )
        .join(''),
    );
    expect(repliesIn(text).map(({ status }) => status)).toEqual([200, 200, 404, 200]);
  });

  test('a client that goes away in the middle harms nobody', async () => {
    const { hostname, port } = new URL(fixture.url);
    for (const bytes of [
      'GET',
      'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n',
      `GET ${LIST} HTTP/1.1\r\nHost: x\r\n\r\n`,
      `POST ${LIST} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab`,
    ]) {
      const socket = connect(Number(port), hostname);
      await once(socket, 'connect');
      socket.write(bytes);
      socket.resetAndDestroy();
      await once(socket, 'close');
    }
    expect((await fixture.list()).status).toBe(200);
  });
});
