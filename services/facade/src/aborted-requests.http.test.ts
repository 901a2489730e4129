import { afterEach, expect, test } from '@jest/globals';
import { connect } from 'node:net';
import { ask, talk, waitUntil } from './facade.fixture.js';
import { stopEach } from './started-facades.fixture.js';

const start = stopEach(afterEach);

test('a request whose client left before the answer counts as aborted, not as 200', async () => {
  const { url } = await start();
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write('GET /livez HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
  const text = async (): Promise<string> => (await ask(`${url}/metrics`)).bytes.toString('utf8');
  await waitUntil('the request to arrive', async () =>
    (await text()).includes('conference_facade_connections 2'),
  );
  socket.resetAndDestroy();
  await waitUntil('the count', async () =>
    (await text()).includes(
      'conference_facade_requests_total{route="unknown",status="aborted"} 1\n',
    ),
  );
  expect(await text()).not.toContain('{route="unknown",status="200"}');
});

test('a request that broke off counts by its answer alone', async () => {
  const { url } = await start();
  await talk(
    url,
    'GET /livez HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n',
  );
  const text = (await ask(`${url}/metrics`)).bytes.toString('utf8');
  expect(text).toContain('{route="unknown",status="400"} 1\n');
  expect(text).not.toMatch(/route="unknown",status="(aborted|200)"/);
});
