/** Tracker and facade in one process over the memory store: the embedded default, no Redis. */
import { facadeSettings, startFacade } from '@conference/facade';
import { normaliseJidPart } from '@conference/muc';
import { createMemoryRoomStore } from '@conference/room-store';
import {
  createLogger,
  createMetricsRegistry,
  Lifecycle,
  readSettings,
  runMain,
} from '@conference/service-runtime';
import { startTracker, trackerSettings } from '@conference/tracker';

const STOP_STEP_MS = 5_000;

await runMain(async () => {
  const settings = readSettings({ ...facadeSettings, ...trackerSettings }, process.env);
  const logger = createLogger('standalone', settings.logLevel);
  const stores = settings.mucServices.map((mucService) =>
    createMemoryRoomStore(normaliseJidPart(mucService)),
  );
  const lifecycle = new Lifecycle(logger, STOP_STEP_MS);
  for (const store of stores) lifecycle.onStop(store.mucService, () => store.close());
  const tracker = await startTracker({
    settings,
    stores,
    logger: logger.child({ part: 'tracker' }),
    registry: createMetricsRegistry(),
  });
  lifecycle.onStop('tracker', () => tracker.stop());
  try {
    const facade = await startFacade({
      settings,
      stores,
      logger: logger.child({ part: 'facade' }),
      registry: createMetricsRegistry(),
    });
    lifecycle.onStop('facade', () => facade.stop());
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
  return { stop: () => lifecycle.stop() };
});
