/** The process of the facade: settings from the environment, rooms from Redis. */
import { normaliseJidPart } from '@conference/muc';
import { createRedisRoomStore } from '@conference/room-store';
import {
  createLogger,
  createMetricsRegistry,
  readSettings,
  redisSettings,
  runMain,
} from '@conference/service-runtime';
import { facadeSettings } from './settings.js';
import { startFacade } from './start-facade.js';

await runMain(async () => {
  const settings = readSettings({ ...facadeSettings, ...redisSettings }, process.env);
  const logger = createLogger('facade', settings.logLevel);
  const stores = settings.mucServices.map((mucService) =>
    createRedisRoomStore({
      redisUrl: settings.redisUrl,
      isCluster: settings.isRedisCluster,
      keyPrefix: settings.redisKeyPrefix,
      mucService: normaliseJidPart(mucService),
      logger,
    }),
  );
  const closeStores = async (): Promise<void> => {
    await Promise.all(stores.map((store) => store.close()));
  };
  try {
    const facade = await startFacade({
      settings,
      stores,
      logger,
      registry: createMetricsRegistry(),
    });
    return {
      stop: async () => {
        await facade.stop();
        await closeStores();
      },
    };
  } catch (error) {
    await closeStores();
    throw error;
  }
});
