/** The tracker as a process of its own, over Redis. */
import { normaliseJidPart } from '@conference/muc';
import { createRedisRoomStore } from '@conference/room-store';
import {
  createLogger,
  createMetricsRegistry,
  readSettings,
  redisSettings,
  runMain,
} from '@conference/service-runtime';
import { trackerSettings } from './settings.js';
import { startTracker } from './tracker.js';

await runMain(async () => {
  const settings = readSettings({ ...trackerSettings, ...redisSettings }, process.env);
  const logger = createLogger('tracker', settings.logLevel);
  const stores = settings.mucServices.map((mucService) =>
    createRedisRoomStore({
      redisUrl: settings.redisUrl,
      isCluster: settings.isRedisCluster,
      keyPrefix: settings.redisKeyPrefix,
      mucService: normaliseJidPart(mucService),
      logger,
    }),
  );
  const tracker = await startTracker({
    settings,
    stores,
    logger,
    registry: createMetricsRegistry(),
  });
  return {
    stop: async () => {
      await tracker.stop();
      await Promise.all(stores.map((store) => store.close()));
    },
  };
});
