/**
 * A process that serves one list in one of four ways, for the load to fall on: the whole facade
 * over a memory store; bare node:http, or Express with a handler that does nothing else, sending
 * the list as one buffer; or Express with `res.json`. Prints one line of JSON when it is ready.
 *
 * node bench/serve-list.mjs facade|node-http|express|res-json ROOMS
 */
import { createServer } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import express from 'express';
import { addSiteToFile, facadeSettings, startFacade } from '@conference/facade';
import { joinRoomList, serialiseRoomRow } from '@conference/rest-contract';
import { createMemoryRoomStore } from '@conference/room-store';
import {
  createMetricsRegistry,
  createSilentLogger,
  readSettings,
} from '@conference/service-runtime';
import { makeRows } from './rows.mjs';

const MUC_SERVICE = 'conference.localhost';
const SITE_ID = 'bench';
const PATH = '/v1/conference.json';

const [how, roomCount] = process.argv.slice(2);
const rows = makeRows(Number(roomCount), SITE_ID);
const announce = (ready) => process.stdout.write(`${JSON.stringify(ready)}\n`);

const serve = {
  facade: serveFacade,
  'node-http': serveBuffers,
  express: () => serveBuffers(express()),
  'res-json': serveWithResJson,
};
await serve[how]();

async function serveFacade() {
  const directory = mkdtempSync(join(tmpdir(), 'conference-bench-'));
  process.once('SIGTERM', () => {
    rmSync(directory, { recursive: true, force: true });
    process.exit(0);
  });
  const sitesFile = join(directory, 'sites.json');
  const { apiKey } = await addSiteToFile(sitesFile, SITE_ID, { by: 'suffix' });
  const store = createMemoryRoomStore(MUC_SERVICE);
  const writer = await store.openWriter();
  await writer.reset();
  await writer.commit({
    changes: rows.map((row) => ({ kind: 'put', row })),
    picture: { state: 'live' },
  });
  const facade = await startFacade({
    settings: readSettings(facadeSettings, { SITES_FILE: sitesFile, FACADE_PORT: '0' }),
    stores: [store],
    logger: createSilentLogger(),
    registry: createMetricsRegistry(),
  });
  setInterval(() => writer.report({ dependencies: [], metrics: '' }), 1000);
  announce({ url: `${facade.url}${PATH}`, user: SITE_ID, password: apiKey });
}

/** @param app an Express that is to come before the handler; none by default */
function serveBuffers(app) {
  const plain = Buffer.from(joinRoomList(rows.map(serialiseRoomRow)));
  const [type, etag] = ['application/json; charset=utf-8', '"one"'];
  const shared = ['Content-Type', type, 'ETag', etag, 'Vary', 'Accept-Encoding'];
  const bodies = { plain: [plain, []], gzip: [gzipSync(plain), ['Content-Encoding', 'gzip']] };
  const handle = (request, response) => {
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, shared).end();
      return;
    }
    const isZipped = request.headers['accept-encoding'] === 'gzip';
    const [body, headers] = bodies[isZipped ? 'gzip' : 'plain'];
    response.writeHead(200, [...shared, 'Content-Length', String(body.length), ...headers]);
    response.end(body);
  };
  app?.get(PATH, handle);
  listenAndAnnounce(createServer(app ?? handle), { etag });
}

function serveWithResJson() {
  const app = express();
  app.get(PATH, (_request, response) => {
    response.json({
      result: 'Success',
      resultCode: 200,
      message: '',
      error: [],
      data: { rooms: rows },
    });
  });
  listenAndAnnounce(createServer(app));
}

function listenAndAnnounce(server, more = {}) {
  server.listen(0, '127.0.0.1', () => {
    announce({ url: `http://127.0.0.1:${server.address().port}${PATH}`, ...more });
  });
}
