/** One cold start of a tracker: from its first moment to a live picture in an empty Redis. */
import { waitForLivePicture } from './redis.mjs';
import { startTracker } from './services.mjs';

/**
 * Starts a tracker and ends it when the picture is live.
 * @param {import('./processes.mjs').Cleanup} cleanup
 * @param {{ server: object, redis: object, rooms: number, settings?: Record<string, string> }} options
 *   `rooms`: how many there are, and must be in the picture
 * @returns milliseconds from the start of the process, and from when the server had accepted it;
 *   processor time of the tracker and of the server until then, in ms
 */
export async function measureColdStart(cleanup, { server, redis, rooms, settings }) {
  await redis.client.flushall();
  await server.waitForRest();
  const serverCpuMs = server.cpuMs();
  const tracker = startTracker(cleanup, { prosody: server, redis, settings });
  await waitForLivePicture(redis.client, server.mucService);
  const liveMs = Date.now();
  const serverCpuAtLiveMs = server.cpuMs();
  const online = await tracker.waitForLog('online');
  const written = await redis.client.hlen(`conference:{${server.mucService}}:rooms`);
  const { cpuMs } = await tracker.measure();
  await tracker.stop();
  if (written !== rooms) {
    throw new Error(`the tracker wrote ${written} rooms`);
  }
  return {
    fromStartMs: liveMs - tracker.startedMs,
    fromOnlineMs: liveMs - Date.parse(online.time),
    cpuMs,
    serverCpuMs: serverCpuAtLiveMs - serverCpuMs,
  };
}
