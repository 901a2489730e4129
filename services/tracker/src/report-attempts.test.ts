import { expect, test } from '@jest/globals';
import { ConferenceError } from '@conference/muc';
import { createMemoryRoomStore } from '@conference/room-store';
import { createMetricsRegistry, readSettings } from '@conference/service-runtime';
import { freePorts } from '../../../test/servers/free-port.js';
import { eventually } from '../../../test/support/eventually.js';
import { createWatchedLogger } from '../../../test/support/watched-logger.js';
import { ReportAttempts } from './report-attempts.js';
import { trackerSettings } from './settings.js';
import { startTracker } from './tracker.js';

const FAILED = 'reporting to the store failed';

test('one that fails is warned of once, until one succeeds', async () => {
  const { logger, warnings } = createWatchedLogger();
  const attempts = new ReportAttempts(logger);
  const failing = (): Promise<void> => Promise.reject(new ConferenceError('timeout', 'full'));
  await attempts.send(failing);
  await attempts.send(failing);
  expect(warnings).toEqual([FAILED]);
  await attempts.send(() => Promise.resolve());
  await attempts.send(failing, () => true);
  expect(warnings).toEqual([FAILED]);
  await attempts.send(failing, () => false);
  expect(warnings).toEqual([FAILED, FAILED]);
});

test('that another tracker has taken over is no fault of the store', async () => {
  const { logger, warnings } = createWatchedLogger();
  const fenced = new ConferenceError('writer-fenced', 'another epoch');
  await new ReportAttempts(logger).send(() => Promise.reject(fenced));
  expect(warnings).toEqual([]);
});

test('a tracker that never got to write says that the store does not take its reports', async () => {
  const { logger, warnings } = createWatchedLogger();
  const [closedPort = 0] = await freePorts(1);
  const store = createMemoryRoomStore('conference.localhost');
  let attempts = 0;
  store.reportWaiting = () => {
    attempts += 1;
    return Promise.reject(new ConferenceError('store-unavailable', 'full'));
  };
  const tracker = await startTracker({
    settings: readSettings(trackerSettings, {
      XMPP_COMPONENT_PORT: String(closedPort),
      XMPP_COMPONENT_SECRET: 'secret',
    }),
    stores: [store],
    logger,
    registry: createMetricsRegistry(),
  });
  await eventually(() => attempts >= 2);
  await tracker.stop();
  expect(warnings.filter((message) => message === FAILED)).toEqual([FAILED]);
});
