import { facadeSettings, startFacade } from '@conference/facade';
import { createMemoryRoomStore } from '@conference/room-store';
import {
  createMetricsRegistry,
  createSilentLogger,
  Lifecycle,
  readSettings,
} from '@conference/service-runtime';
import { startTracker, trackerSettings } from '@conference/tracker';
import { afterEach, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../../test/servers/free-port.js';
import { eventually } from '../../../test/support/eventually.js';

const MUC_SERVICE = 'conference.localhost';
const logger = createSilentLogger();
let lifecycle = new Lifecycle(logger, 5_000);

afterEach(async () => {
  await lifecycle.stop();
  lifecycle = new Lifecycle(logger, 5_000);
});

test('readiness tells why the tracker has never been online', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'conference-standalone-'));
  lifecycle.onStop('folder', () => rm(directory, { recursive: true, force: true }));
  const sitesFile = join(directory, 'sites.json');
  await writeFile(sitesFile, JSON.stringify({ version: 1, sites: [] }));
  const [nobody] = await freePorts(1);
  const settings = readSettings(
    { ...facadeSettings, ...trackerSettings },
    {
      XMPP_COMPONENT_PORT: String(nobody),
      XMPP_COMPONENT_SECRET: 'secret',
      MUC_SERVICES: MUC_SERVICE,
      SITES_FILE: sitesFile,
      FACADE_PORT: '0',
    },
  );
  const stores = [createMemoryRoomStore(MUC_SERVICE)];
  const registry = createMetricsRegistry();
  const tracker = await startTracker({ settings, stores, logger, registry });
  lifecycle.onStop('tracker', () => tracker.stop());
  const facade = await startFacade({
    settings,
    stores,
    logger,
    registry: createMetricsRegistry(),
  });
  lifecycle.onStop('facade', () => facade.stop());

  await eventually(
    async () => {
      const answer = await fetch(`${facade.url}/readyz`);
      const { error } = (await answer.json()) as { error: { field: string; message: string }[] };
      return error.find(({ field }) => field === 'tracker: XMPP server');
    },
    (entry) => entry?.message.includes(String(nobody)) === true,
    { what: 'the reason why the tracker is not online' },
  );
});
