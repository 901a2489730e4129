import { failureEnvelopeSchema } from '@conference/rest-contract';
import { createMetricsRegistry, readSettings, type Logger } from '@conference/service-runtime';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from './app.js';
import type { ExchangeHandler } from './exchange.js';
import { ask, jsonOf, LIST, waitUntil } from './facade.fixture.js';
import { FacadeMetrics } from './facade-metrics.js';
import { createHttpServer } from './http-server.js';
import { closeServer, listen } from './listening.js';
import { facadeSettings } from './settings.js';

interface Line {
  readonly fields: object;
  readonly message: string;
}

let server: Server | undefined;

afterEach(async () => {
  if (server) {
    await closeServer(server, 1000);
  }
});

/** A server whose list route is the given one, and what it logs. */
async function serve(list: ExchangeHandler, environment: Record<string, string> = {}) {
  const lines: Line[] = [];
  const note = (fields: object, message: string): void => {
    lines.push({ fields, message });
  };
  const logger: Logger = { debug: note, info: note, warn: note, error: note, child: () => logger };
  const other: ExchangeHandler = (_request, response) => {
    response.end();
  };
  const app = createApp({
    logger,
    trustedProxies: [],
    routes: {
      list,
      capabilities: other,
      livez: other,
      readyz: other,
      metrics: other,
      openApi: other,
      docsPage: other,
      docsStart: other,
      docsScript: other,
    },
  });
  const settings = readSettings(facadeSettings, environment);
  const metrics = new FacadeMetrics(createMetricsRegistry());
  server = createHttpServer({ app, settings, logger, metrics });
  await listen(server, '127.0.0.1', 0);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, lines };
}

describe('a route that fails', () => {
  const failing: Record<string, ExchangeHandler> = {
    'at once': () => {
      throw new Error('secret of the house');
    },
    later: () => Promise.reject(new Error('secret of the house')),
  };

  test.each(Object.keys(failing))(
    '%s is answered 500, and only the log knows why',
    async (when) => {
      const { url, lines } = await serve(failing[when] as ExchangeHandler);
      const reply = await ask(url + LIST, { headers: { authorization: 'Basic c2VjcmV0' } });
      expect(reply.status).toBe(500);
      expect(failureEnvelopeSchema.parse(jsonOf(reply)).error[0]?.code).toBe('internal-error');
      expect(reply.bytes.toString()).not.toContain('secret');
      const requestId = reply.headers['x-request-id'];
      const [line] = lines;
      expect(line?.fields).toMatchObject({ requestId, err: { message: 'secret of the house' } });
      expect(JSON.stringify(lines)).not.toContain('c2VjcmV0');
    },
  );

  test('in the middle of an answer has the connection cut', async () => {
    const { url } = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('part');
      throw new Error('too late');
    });
    await expect(ask(url + LIST)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('the log', () => {
  test('has a line of a slow request, and none of a quick one', async () => {
    let waitMs = 0;
    const { url, lines } = await serve(
      async (_request, response) => {
        const untilMs = Date.now() + waitMs;
        await waitUntil('the time', () => Date.now() >= untilMs);
        response.end();
      },
      { FACADE_SLOW_REQUEST_MS: '1000' },
    );
    await ask(url + LIST);
    expect(lines).toEqual([]);
    waitMs = 1050;
    await ask(`${url}${LIST}?password=1`);
    await waitUntil('the line', () => lines.length > 0);
    expect(lines[0]?.fields).toMatchObject({ method: 'GET', status: 200, isWhole: true });
    expect(JSON.stringify(lines)).not.toContain('password');
  });
});
