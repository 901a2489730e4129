/**
 * Cold start by the feed beside cold start by joining, in the same Prosody with the same rooms:
 * 1,000 of them and 10,000 (BENCH_ROOMS for others, separated by commas). The two
 * take turns; each figure is the median of the rounds.
 */
import { measureColdStart } from './cold-start.mjs';
import { openCrowd } from './crowd.mjs';
import { withCleanup } from './processes.mjs';
import { startProsody } from './prosody.mjs';
import { startRedis } from './redis.mjs';
import { medianOf, printHead, printRow } from './statistics.mjs';

const SIZES = (process.env.BENCH_ROOMS ?? '1000,10000').split(',').map(Number);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
/** How many people are in every third room, and in those after it. */
const OCCUPANTS = [3, 1, 1];

/** Prints a table for each number of rooms. */
export async function run() {
  for (const rooms of SIZES) await withCleanup((cleanup) => compare(cleanup, rooms));
}

async function compare(cleanup, rooms) {
  const prosody = await startProsody(cleanup, { hasFeed: true });
  const redis = await startRedis(cleanup);
  const crowd = await openCrowd(prosody);
  cleanup.add(() => crowd.close());
  await crowd.makeRooms(rooms, (number) => OCCUPANTS[number % OCCUPANTS.length], {
    isPersistent: false,
  });
  crowd.deafen();

  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = (feed) =>
      measureColdStart(cleanup, { prosody, redis, rooms, settings: { TRACKER_FEED: feed } });
    rounds.push({ feed: await start('feed'), join: await start('join') });
  }
  printTable(rooms, rounds);
}

function printTable(rooms, rounds) {
  process.stdout.write(
    `cold-feed: ${rooms} rooms until the picture is live; seconds, medians of ${rounds.length} ` +
      `(least)\n\n`,
  );
  printHead(['measured', 'joined', 'fed', 'joined/fed']);
  for (const [name, key] of [
    ['from XMPP online', 'fromOnlineMs'],
    ['from process start', 'fromStartMs'],
    ['processor time of the tracker', 'cpuMs'],
    ['processor time of Prosody', 'serverCpuMs'],
  ]) {
    const joined = rounds.map(({ join }) => join[key]);
    const fed = rounds.map(({ feed }) => feed[key]);
    const show = (figures) =>
      `${(medianOf(figures) / 1000).toFixed(2)} (${(Math.min(...figures) / 1000).toFixed(2)})`;
    printRow([name, show(joined), show(fed), (medianOf(joined) / medianOf(fed)).toFixed(1)]);
  }
  process.stdout.write('\n');
}
