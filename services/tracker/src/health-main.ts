/**
 * The tracker's health as a command, for container health checks: asks the store what the tracker
 * said of itself last. Exit 0: alive and ready; 1: not, with the reasons on standard error.
 */
import { normaliseJidPart } from '@conference/muc';
import { createRedisRoomStore, type WriterStatus } from '@conference/room-store';
import { createSilentLogger, readSettings, redisSettings } from '@conference/service-runtime';
import { trackerSettings } from './settings.js';

/** Reports come each second. */
const MAXIMUM_AGE_MS = 5_000;

const { mucServices, redisUrl, isRedisCluster, redisKeyPrefix } = readSettings(
  { mucServices: trackerSettings.mucServices, ...redisSettings },
  process.env,
);
const problems = (await Promise.all(mucServices.map(findProblems))).flat();
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exit(problems.length === 0 ? 0 : 1);

async function findProblems(name: string): Promise<string[]> {
  const mucService = normaliseJidPart(name);
  const logger = createSilentLogger();
  const store = createRedisRoomStore({
    redisUrl,
    isCluster: isRedisCluster,
    keyPrefix: redisKeyPrefix,
    mucService,
    logger,
  });
  try {
    const report = await store.readWriterReport();
    if (report !== undefined && report.ageMs <= MAXIMUM_AGE_MS) {
      return reasonsOf(report);
    }
    const silence =
      report === undefined
        ? `no tracker has followed ${mucService} yet`
        : `the tracker of ${mucService} has been silent for ${report.ageMs} ms`;
    const waiting = await store.readWaitingReport();
    return [silence, ...(waiting === undefined ? [] : reasonsOf(waiting))];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  } finally {
    await store.close();
  }
}

function reasonsOf({ dependencies }: WriterStatus): string[] {
  return dependencies
    .filter(({ isReady }) => !isReady)
    .map(({ name, reason = 'not ready', detail }) =>
      [`${name}: ${reason}`, ...(detail === undefined ? [] : [detail])].join(', '),
    );
}
