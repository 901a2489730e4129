/**
 * Cold start: from the tracker's first moment to a live picture in an empty Redis, on every
 * backend, with 1,000 rooms and with 10,000 (BENCH_ROOMS for others, separated by commas), beside
 * the same requests sent bare with the same parallelism; and by the feed beside by joining. Bare
 * requests and tracker take turns; each figure is the median of the rounds (BENCH_ROUNDS).
 * BENCH_BACKENDS=prosody-fed,prosody-joined,ejabberd-joined, or some of these, measures those alone.
 */
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { measureColdStart } from './cold-start.mjs';
import { openCrowd } from './crowd.mjs';
import { startEjabberd } from './ejabberd.mjs';
import { endProcess, spawnTied, withCleanup } from './processes.mjs';
import { startProsody } from './prosody.mjs';
import { startRedis } from './redis.mjs';
import { medianOf, printHead, printRow } from './statistics.mjs';

const SIZES = (process.env.BENCH_ROOMS ?? '1000,10000').split(',').map(Number);
const PARALLEL = Number(process.env.TRACKER_PARALLEL_REQUESTS ?? 64);
const BARE = fileURLToPath(new URL('./bare-requests.mjs', import.meta.url));
/** More are temporary: they would take hours to make, since Prosody rewrites one file for each. */
const MOST_PERSISTENT = 1_000;
/** How many people are in every third room, and in those after it. */
const OCCUPANTS = [3, 1, 1];

/**
 * Each server, and the ways in which it is followed: the feed first. Whoever has joined all rooms
 * and is gone leaves a ghost in each, and a tracker that is fed would have to make 10,000 of them go.
 */
const SERVERS = [
  {
    start: (cleanup) => startProsody(cleanup, { hasFeed: true }),
    feeds: { 'prosody-fed': 'feed', 'prosody-joined': 'join' },
  },
  { start: startEjabberd, feeds: { 'ejabberd-joined': 'join' } },
];
const BACKENDS = process.env.BENCH_BACKENDS?.split(',');

/** Prints a table for each number of rooms. */
export async function run() {
  for (const rooms of SIZES) {
    const rounds = Number(process.env.BENCH_ROUNDS ?? (rooms > 1_000 ? 2 : 5));
    const measured = [];
    for (const { start, feeds } of SERVERS) {
      const asked = Object.keys(feeds).filter((name) => BACKENDS?.includes(name) ?? true);
      if (asked.length === 0) continue;
      const server = { start, feeds: asked.map((name) => feeds[name]) };
      await withCleanup(async (cleanup) =>
        measured.push(...(await measureServer(cleanup, server, rooms, rounds))),
      );
    }
    printTable(rooms, rounds, measured);
  }
}

/** For each way of following: its name, and what each round measured. */
async function measureServer(cleanup, { start, feeds }, rooms, rounds) {
  const server = await start(cleanup);
  const redis = await startRedis(cleanup);
  const crowd = await openCrowd(server);
  cleanup.add(() => crowd.close());
  await crowd.makeRooms(rooms, (number) => OCCUPANTS[number % OCCUPANTS.length], {
    isPersistent: rooms <= MOST_PERSISTENT,
  });
  crowd.deafen();

  const measured = [];
  for (const feed of feeds) {
    const measuredRounds = [];
    // A first round of the small size warms the server up.
    for (let round = rooms > 1_000 ? 1 : 0; round <= rounds; round += 1) {
      const bare = await runBare(cleanup, server, feed, rooms);
      const settings = { TRACKER_FEED: feed };
      const tracker = await measureColdStart(cleanup, { server, redis, rooms, settings });
      if (round > 0) measuredRounds.push({ bare, tracker });
    }
    measured.push({ server: server.name, feed, rounds: measuredRounds });
  }
  return measured;
}

async function runBare(cleanup, server, feed, rooms) {
  await server.waitForRest();
  const startedMs = Date.now();
  const serverCpuMs = server.cpuMs();
  const { componentPort, trackerDomain, componentSecret, mucService } = server;
  const child = spawnTied(
    process.execPath,
    [
      ...[BARE, feed, String(componentPort), trackerDomain, componentSecret],
      ...[mucService, String(PARALLEL)],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  cleanup.add(() => endProcess(child));
  const events = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line);
    events[event.event] = { ...event, serverCpuMs: server.cpuMs() };
  }
  if (events.done?.rooms !== rooms) {
    throw new Error(`the bare requests came to ${JSON.stringify(events)}`);
  }
  return {
    fromStartMs: events.done.atMs - startedMs,
    fromOnlineMs: events.done.atMs - events.online.atMs,
    cpuMs: events.done.cpuMs,
    serverCpuMs: events.done.serverCpuMs - serverCpuMs,
  };
}

const MEASURES = [
  ['from XMPP online', 'fromOnlineMs'],
  ['from process start', 'fromStartMs'],
  ['processor time of the process', 'cpuMs'],
  ['processor time of the server', 'serverCpuMs'],
];

function printTable(rooms, rounds, measured) {
  process.stdout.write(
    `cold: ${rooms.toLocaleString('en')} ${rooms > MOST_PERSISTENT ? 'temporary' : 'persistent'} rooms until the picture is live, ${PARALLEL} requests at ` +
      `a time; seconds, medians of ${rounds} (least to most)\n\n`,
  );
  printHead(['backend', 'measured', 'bare requests', 'tracker', 'tracker/bare', 'least/least']);
  for (const { server, feed, rounds } of measured) {
    for (const [name, key] of MEASURES) {
      const bare = rounds.map((round) => round.bare[key]);
      const tracker = rounds.map((round) => round.tracker[key]);
      const ratio = (medianOf(tracker) / medianOf(bare)).toFixed(2);
      // What else the machine does can only add to a figure.
      const leastRatio = (Math.min(...tracker) / Math.min(...bare)).toFixed(2);
      printRow([`${server}, ${howOf(feed)}`, name, span(bare), span(tracker), ratio, leastRatio]);
    }
  }
  process.stdout.write('\n');
  const [fed, joined] = ['feed', 'join'].map((feed) =>
    measured.find((each) => each.server === 'Prosody' && each.feed === feed),
  );
  if (fed === undefined || joined === undefined) return;
  printHead(['measured', 'joined / fed']);
  for (const [name, key] of MEASURES) {
    const median = ({ rounds }) => medianOf(rounds.map(({ tracker }) => tracker[key]));
    printRow([name, (median(joined) / median(fed)).toFixed(1)]);
  }
  process.stdout.write('\n');
}

function howOf(feed) {
  return feed === 'feed' ? 'fed' : 'joined';
}

function span(figures) {
  const seconds = (ms) => (ms / 1000).toFixed(2);
  const [least, most] = [Math.min(...figures), Math.max(...figures)];
  return `${seconds(medianOf(figures))} (${seconds(least)} to ${seconds(most)})`;
}
