/**
 * A process that serves one list in one of two ways, for the load to fall on: the whole facade
 * over a memory store, or Express with `res.json`. Prints one line of JSON when it is ready.
 *
 * node bench/serve-list.mjs facade|res-json ROOMS
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { addSiteToFile, facadeSettings, startFacade } from '@conference/facade';
import { createMemoryRoomStore } from '@conference/room-store';
import {
  createMetricsRegistry,
  createSilentLogger,
  readSettings,
} from '@conference/service-runtime';
import { makeRows } from './rows.mjs';

const MUC_SERVICE = 'conference.localhost';
const SITE_ID = 'bench';

const [how, roomCount] = process.argv.slice(2);
const rows = makeRows(Number(roomCount), SITE_ID);
const announce = (ready) => process.stdout.write(`${JSON.stringify(ready)}\n`);

if (how === 'facade') {
  await serveFacade();
} else {
  serveWithResJson();
}

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
  announce({ url: `${facade.url}/v1/conference.json`, user: SITE_ID, password: apiKey });
}

function serveWithResJson() {
  const app = express();
  app.get('/v1/conference.json', (_request, response) => {
    response.json({
      result: 'Success',
      resultCode: 200,
      message: '',
      error: [],
      data: { rooms: rows },
    });
  });
  const server = app.listen(0, '127.0.0.1', () => {
    announce({ url: `http://127.0.0.1:${server.address().port}/v1/conference.json` });
  });
}
