/**
 * What following costs Prosody, in three of them that take turns: followed by nobody, by the feed,
 * and by joining.
 *
 * 1. Joins: so many people come into the rooms of a real Prosody and leave them again, as fast as
 *    it goes. Joins per second, and the processor time that Prosody used for each.
 * 2. The longest stall: a chat client pings every 5 ms while a tracker reads all rooms for the
 *    first time (BENCH_ROOMS, by default 10,000), beside the same while nobody reads.
 */
import { openChatClient } from './chat-client.mjs';
import { openCrowd } from './crowd.mjs';
import { withCleanup } from './processes.mjs';
import { startProsody } from './prosody.mjs';
import { startRedis, waitForLivePicture } from './redis.mjs';
import { startTracker } from './services.mjs';
import { medianOf, percentileOf, printHead, printRow } from './statistics.mjs';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 7);
const ROOMS_JOINED = 50;
const PEOPLE = 20;
const ROOMS_READ = Number(process.env.BENCH_ROOMS ?? 10_000);
const PING_INTERVAL_MS = 5;

/** How the rooms are followed, and whether the module is there at all. */
const SERVERS = [
  { name: 'by nobody, without the module', hasFeed: false },
  { name: 'by the feed', hasFeed: true, feed: 'feed' },
  { name: 'by joining', hasFeed: false, feed: 'join' },
];

/** Prints both tables. */
export async function run() {
  await withCleanup(measureJoins);
  for (const feed of ['feed', 'join']) {
    await withCleanup((cleanup) => measureStall(cleanup, feed));
  }
}

async function measureJoins(cleanup) {
  const servers = [];
  for (const { name, hasFeed, feed } of SERVERS) {
    const prosody = await startProsody(cleanup, { hasFeed });
    const crowd = await openCrowd(prosody);
    cleanup.add(() => crowd.close());
    await crowd.makeRooms(ROOMS_JOINED, () => 0);
    if (feed !== undefined) {
      const redis = await startRedis(cleanup);
      startTracker(cleanup, { prosody, redis, settings: { TRACKER_FEED: feed } });
      await waitForLivePicture(redis.client, prosody.mucService);
    }
    servers.push({ name, prosody, crowd, rounds: [] });
  }
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const { prosody, crowd, rounds } of servers) {
      await prosody.waitForRest();
      const measured = await measureRound(prosody, crowd);
      // The first round warms up.
      if (round > 0) rounds.push(measured);
    }
  }
  printJoins(servers);
}

async function measureRound(prosody, crowd) {
  const joins = ROOMS_JOINED * PEOPLE;
  const cpuMs = prosody.cpuMs();
  const startedMs = performance.now();
  await crowd.joinAll(ROOMS_JOINED, PEOPLE);
  const tookMs = performance.now() - startedMs;
  await prosody.waitForRest();
  const measured = { rate: (joins / tookMs) * 1000, cpuMs: (prosody.cpuMs() - cpuMs) / joins };
  await crowd.leaveAll(ROOMS_JOINED, PEOPLE);
  return measured;
}

function printJoins(servers) {
  process.stdout.write(
    `server-cost: ${ROOMS_JOINED} rooms, into each of which ${PEOPLE} people come; ` +
      `medians of ${ROUNDS} rounds (best)\n\n`,
  );
  printHead(['followed', 'joins/s', 'of unfollowed', 'Prosody, ms of processor per join', 'more']);
  const rates = ({ rounds }) => rounds.map(({ rate }) => rate);
  const times = ({ rounds }) => rounds.map(({ cpuMs }) => cpuMs);
  const [alone] = servers;
  for (const server of servers) {
    const rate = medianOf(rates(server));
    const time = medianOf(times(server));
    printRow([
      server.name,
      `${rate.toFixed(0)} (${Math.max(...rates(server)).toFixed(0)})`,
      (rate / medianOf(rates(alone))).toFixed(2),
      `${time.toFixed(3)} (${Math.min(...times(server)).toFixed(3)})`,
      (time / medianOf(times(alone))).toFixed(2),
    ]);
  }
  process.stdout.write('\n');
}

async function measureStall(cleanup, feed) {
  const prosody = await startProsody(cleanup, { hasFeed: true });
  const redis = await startRedis(cleanup);
  const crowd = await openCrowd(prosody);
  cleanup.add(() => crowd.close());
  await crowd.makeRooms(ROOMS_READ, (number) => 1 + (number % 3), { isPersistent: false });
  crowd.deafen();
  await prosody.waitForRest();

  const chat = await openChatClient({ port: prosody.c2sPort, domain: prosody.anonymousDomain });
  cleanup.add(() => chat.close());
  const idle = await pingWhile(chat, () => new Promise((resolve) => setTimeout(resolve, 3_000)));
  const reading = await pingWhile(chat, async () => {
    startTracker(cleanup, { prosody, redis, settings: { TRACKER_FEED: feed } });
    await waitForLivePicture(redis.client, prosody.mucService);
  });
  process.stdout.write(
    `server-cost: a ping every ${PING_INTERVAL_MS} ms, ${ROOMS_READ} rooms, followed by ` +
      `${feed === 'feed' ? 'the feed' : 'joining'}; ms until the answer\n\n`,
  );
  printHead(['while', 'pings', 'median', 'p99', 'longest']);
  for (const [what, times] of [
    ['nobody reads', idle],
    ['a tracker starts and reads all', reading],
  ]) {
    const figures = [medianOf(times), percentileOf(times, 0.99), Math.max(...times)];
    printRow([what, times.length, ...figures.map((ms) => ms.toFixed(1))]);
  }
  process.stdout.write('\n');
}

/** Pings again and again until the work is done; each ping's time. */
async function pingWhile(chat, work) {
  const times = [];
  let isOver = false;
  const pinging = (async () => {
    while (!isOver) {
      const startedMs = performance.now();
      await chat.ping();
      const tookMs = performance.now() - startedMs;
      times.push(tookMs);
      const pauseMs = Math.max(0, PING_INTERVAL_MS - tookMs);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  })();
  await work();
  isOver = true;
  await pinging;
  return times;
}
