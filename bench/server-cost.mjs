/**
 * What following costs Prosody, which has a core for itself; whoever follows, and the people, share
 * what is left.
 *
 * 1. Joins, in three of them that take turns, followed by nobody, by the feed, and by joining: so
 *    many people come into the rooms of a real Prosody and leave them again, as fast as it goes.
 *    Joins per second, and the processor time that Prosody used for each.
 * 2. Stalls: how long the pieces of work are that Prosody does without a pause, measured inside,
 *    while a tracker that is fed reads all rooms (BENCH_ROOMS, by default 10,000) for the first
 *    time, again and again, beside the same while nobody reads.
 */
import { measureColdStart } from './cold-start.mjs';
import { openCrowd } from './crowd.mjs';
import { openGuests } from './guests.mjs';
import { openLoopClock } from './loop-clock.mjs';
import { setApart, withCleanup } from './processes.mjs';
import { startProsody } from './prosody.mjs';
import { startRedis, waitForLivePicture } from './redis.mjs';
import { startTracker } from './services.mjs';
import { medianOf, percentileOf, printHead, printRow } from './statistics.mjs';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 15);
const ROOMS_JOINED = 50;
const PEOPLE = 20;
const ROOMS_READ = Number(process.env.BENCH_ROOMS ?? 10_000);
const SNAPSHOTS = 5;
const IDLE_MS = 3_000;

/** How the rooms are followed, and whether the module is there at all. */
const SERVERS = [
  { name: 'by nobody, without the module', hasFeed: false },
  { name: 'by the feed', hasFeed: true, feed: 'feed' },
  { name: 'by joining', hasFeed: false, feed: 'join' },
];

/** Prints both tables. */
export async function run() {
  await withCleanup(measureJoins);
  await withCleanup(measureStall);
}

async function measureJoins(cleanup) {
  const servers = [];
  for (const { name, hasFeed, feed } of SERVERS) {
    const prosody = await startProsody(cleanup, { hasFeed });
    setApart(cleanup, prosody.pid);
    const guests = await makeRoomsAndGuests(prosody);
    cleanup.add(() => guests.close());
    if (feed !== undefined) {
      const redis = await startRedis(cleanup);
      startTracker(cleanup, { prosody, redis, settings: { TRACKER_FEED: feed } });
      await waitForLivePicture(redis.client, prosody.mucService);
    }
    servers.push({ name, prosody, guests, rounds: [] });
  }
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const { prosody, guests, rounds } of servers) {
      await prosody.waitForRest();
      const measured = await measureRound(prosody, guests);
      // The first round warms up.
      if (round > 0) rounds.push(measured);
    }
  }
  printJoins(servers);
}

async function makeRoomsAndGuests(prosody) {
  const crowd = await openCrowd(prosody);
  await crowd.makeRooms(ROOMS_JOINED, () => 0);
  crowd.close();
  // There is one connection of a component at a time.
  await prosody.waitForRest();
  const roomJids = Array.from({ length: ROOMS_JOINED }, (_, number) => crowd.roomJid(number));
  return openGuests(prosody, roomJids, PEOPLE);
}

async function measureRound(prosody, guests) {
  const joins = ROOMS_JOINED * PEOPLE;
  const cpuMs = prosody.cpuMs();
  const startedMs = performance.now();
  await guests.joinAll();
  const tookMs = performance.now() - startedMs;
  await prosody.waitForRest();
  const measured = { rate: (joins / tookMs) * 1000, cpuMs: (prosody.cpuMs() - cpuMs) / joins };
  await guests.leaveAll();
  return measured;
}

function printJoins(servers) {
  process.stdout.write(
    `server-cost: ${ROOMS_JOINED} rooms, into each of which ${PEOPLE} people come; ` +
      `medians of ${ROUNDS} rounds (best)\n\n`,
  );
  printHead(['followed', 'joins/s', 'of unfollowed', 'Prosody, ms of processor per join', 'more']);
  const [alone] = servers;
  // Each round beside the one without that came just before it: the machine drifts.
  const besideAlone = ({ rounds }, key) =>
    medianOf(rounds.map((round, index) => round[key] / alone.rounds[index][key]));
  for (const server of servers) {
    const rates = server.rounds.map(({ rate }) => rate);
    const times = server.rounds.map(({ cpuMs }) => cpuMs);
    printRow([
      server.name,
      `${medianOf(rates).toFixed(0)} (${Math.max(...rates).toFixed(0)})`,
      besideAlone(server, 'rate').toFixed(2),
      `${medianOf(times).toFixed(3)} (${Math.min(...times).toFixed(3)})`,
      besideAlone(server, 'cpuMs').toFixed(2),
    ]);
  }
  process.stdout.write('\n');
}

async function measureStall(cleanup) {
  const prosody = await startProsody(cleanup, { hasFeed: true, hasLoopClock: true });
  setApart(cleanup, prosody.pid);
  const redis = await startRedis(cleanup);
  const crowd = await openCrowd(prosody);
  cleanup.add(() => crowd.close());
  await crowd.makeRooms(ROOMS_READ, (number) => 1 + (number % 3), { isPersistent: false });
  crowd.deafen();
  const clock = await openLoopClock(prosody);
  cleanup.add(() => clock.close());

  const readWhile = async (work) => {
    await prosody.waitForRest();
    await clock.readWork();
    await work();
    return clock.readWork();
  };
  const idle = await readWhile(() => new Promise((resolve) => setTimeout(resolve, IDLE_MS)));
  const snapshots = [];
  for (let count = 0; count < SNAPSHOTS; count += 1) {
    const measured = await readWhile(() =>
      measureColdStart(cleanup, {
        ...{ server: prosody, redis, rooms: ROOMS_READ },
        settings: { TRACKER_FEED: 'feed' },
      }),
    );
    snapshots.push(measured);
  }
  printStall(idle, snapshots);
}

function printStall(idle, snapshots) {
  process.stdout.write(
    `server-cost: for how long Prosody serves nobody else, ${ROOMS_READ} rooms, ` +
      `${SNAPSHOTS} snapshots by the feed; ms of each piece of its work over 0.1 ms\n\n`,
  );
  printHead(['while', 'measured', 'pieces', 'median', 'p99', 'longest']);
  for (const [what, key] of [
    ['time that passed', 'wall'],
    ['processor time', 'cpu'],
  ]) {
    for (const [when, times] of [
      ['nobody reads', idle[key]],
      ['a tracker starts and reads all', snapshots.flatMap((each) => each[key])],
    ]) {
      const figures = [medianOf(times), percentileOf(times, 0.99), Math.max(...times)];
      printRow([when, what, times.length, ...figures.map((ms) => ms.toFixed(1))]);
    }
  }
  process.stdout.write('\n');
}
