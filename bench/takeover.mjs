/**
 * How long nobody follows the rooms when the tracker that does is killed: from SIGKILL to the live
 * picture of the one that stood by, kill after kill; followed by the feed and by joining.
 */
import { openCrowd } from './crowd.mjs';
import { waitUntil, withCleanup } from './processes.mjs';
import { startProsody } from './prosody.mjs';
import { startRedis, waitForLivePicture } from './redis.mjs';
import { startTracker } from './services.mjs';
import { medianOf, printHead, printRow } from './statistics.mjs';

const KILLS = Number(process.env.BENCH_KILLS ?? 20);
const ROOMS = Number(process.env.BENCH_ROOMS ?? 1_000);
const STANDBY_DOMAIN = 'tracker2.localhost';

/** Prints the table. */
export async function run() {
  process.stdout.write(
    `takeover: seconds from the kill (SIGKILL) of the tracker that follows ${ROOMS} rooms, ${KILLS} kills\n\n`,
  );
  printHead([
    ...['followed', 'until the lease is the other one’s: median', 'longest'],
    ...['until its picture is live: median', 'longest', 'after the lease was taken: longest'],
  ]);
  for (const feed of ['feed', 'join']) await withCleanup((cleanup) => measure(cleanup, feed));
  process.stdout.write('\n');
}

async function measure(cleanup, feed) {
  const prosody = await startProsody(cleanup, {
    hasFeed: feed === 'feed',
    standbyTrackerDomains: [STANDBY_DOMAIN],
  });
  const redis = await startRedis(cleanup);
  const crowd = await openCrowd(prosody);
  cleanup.add(() => crowd.close());
  await crowd.makeRooms(ROOMS, () => 1, { isPersistent: false });
  crowd.deafen();
  const start = (trackerDomain) =>
    startTracker(cleanup, {
      prosody: { ...prosody, trackerDomain },
      redis,
      settings: { TRACKER_FEED: feed },
    });
  const leaseKey = `conference:{${prosody.mucService}}:lease`;
  const holder = async () => (await redis.client.get(leaseKey))?.split(' ')[0];
  let [following, standing] = [
    { domain: prosody.trackerDomain, tracker: start(prosody.trackerDomain) },
    { domain: STANDBY_DOMAIN },
  ];
  await waitForLivePicture(redis.client, prosody.mucService);
  const taken = [];
  const live = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    standing.tracker = start(standing.domain);
    await standing.tracker.waitForLog('online');
    // Not always at the same moment of the lease.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 1_000));
    const killedMs = Date.now();
    following.tracker.kill();
    const { domain } = standing;
    await waitUntil(async () => (await holder()) === domain, 'the lease', { intervalMs: 5 });
    const takenMs = Date.now();
    await waitForLivePicture(redis.client, prosody.mucService);
    live.push(Date.now() - killedMs);
    taken.push(takenMs - killedMs);
    [following, standing] = [standing, following];
  }
  const seconds = (ms) => (ms / 1_000).toFixed(2);
  printRow([
    feed === 'feed' ? 'by the feed' : 'by joining',
    ...[seconds(medianOf(taken)), seconds(Math.max(...taken))],
    ...[seconds(medianOf(live)), seconds(Math.max(...live))],
    seconds(Math.max(...live.map((ms, index) => ms - taken[index]))),
  ]);
}
