/**
 * How far the tracker lags behind a real server under load, and what it costs beside it. People
 * come, talk, are moderated and leave in BENCH_ROOMS (100) rooms where BENCH_PEOPLE (10) stay; the
 * rate is raised until the server does not hold it, and the tracker is measured at the highest that
 * it held. A rate is held where all but one in a hundred actions came back to the room within a
 * second.
 *
 * The lag: from the moment when the generator itself receives a change in the room until the change
 * stands in Redis's stream of changes. It is measured on subjects, one action of twenty: their texts
 * tell which is which. Every kind of change takes the same way.
 *
 * BENCH_SERVER takes only those whose name begins so.
 */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startEjabberd } from './ejabberd.mjs';
import { watchMarks } from './mark-watch.mjs';
import { endProcess, spawnTied, withCleanup } from './processes.mjs';
import { startProsody } from './prosody.mjs';
import { startRedis, waitForLivePicture } from './redis.mjs';
import { SITE_ID, startTracker } from './services.mjs';
import { medianOf, percentileOf, printHead, printRow } from './statistics.mjs';

const GENERATOR = fileURLToPath(new URL('./load-generator/main.mjs', import.meta.url));
const ROOMS = Number(process.env.BENCH_ROOMS ?? 100);
const PEOPLE = Number(process.env.BENCH_PEOPLE ?? 10);
const SEARCH_SECONDS = 5;
const SECONDS = Number(process.env.BENCH_SECONDS ?? 15);
const FIRST_RATE = 100;
const HALVINGS = 3;
const HELD_MS = 1_000;
const HELD_SHARE = 0.99;
const STEP_BACK = 0.8;
const MARK = /"subject":"(mark \d+)"/g;

const BACKENDS = [
  {
    name: 'Prosody, fed',
    start: (cleanup) => startProsody(cleanup, { hasFeed: true }),
    feed: 'feed',
  },
  {
    name: 'Prosody, joined',
    start: (cleanup) => startProsody(cleanup, { hasFeed: false }),
    feed: 'join',
  },
  { name: 'ejabberd, joined', start: startEjabberd, feed: 'join' },
].filter(({ name }) => name.startsWith(process.env.BENCH_SERVER ?? ''));

/** Prints the table. */
export async function run() {
  process.stdout.write(
    `load: ${ROOMS} rooms where ${PEOPLE} people stay, at the highest rate that the server held and at half of it\n\n`,
  );
  printHead([
    ...['server', 'actions/s', 'server delivered, stanzas/s', 'back in the room, ms: p50', 'p99'],
    ...['tracker behind, ms: p50', 'p99', 'marks'],
    ...['CPU s: server', 'tracker', 'tracker/server'],
  ]);
  for (const backend of BACKENDS) {
    const rates = await withCleanup((cleanup) => measureBackend(cleanup, backend));
    for (const each of rates) printRate(backend.name, each);
  }
  process.stdout.write('\n');
}

function printRate(name, { rate, measured, lags, serverMs, trackerMs }) {
  const ms = (figure) => figure.toFixed(1);
  printRow([
    ...[name, rate.toFixed(0), measured.perSecond.toFixed(0)],
    ...[medianOf(measured.seenMs), percentileOf(measured.seenMs, 0.99)].map(ms),
    ...[medianOf(lags), percentileOf(lags, 0.99)].map(ms),
    ...[lags.length, (serverMs / 1_000).toFixed(2), (trackerMs / 1_000).toFixed(2)],
    (trackerMs / serverMs).toFixed(2),
  ]);
}

async function measureBackend(cleanup, { start, feed }) {
  const server = await start(cleanup);
  const redis = await startRedis(cleanup);
  const generator = await startGenerator(cleanup, server);
  const settings = { TRACKER_FEED: feed };
  const tracker = startTracker(cleanup, { prosody: server, redis, settings });
  await waitForLivePicture(redis.client, server.mucService);
  const writtenMs = new Map();
  watchMarks(cleanup, {
    redis,
    mucService: server.mucService,
    pattern: MARK,
    onMark: (mark, atMs) => writtenMs.set(mark, atMs),
  });

  const parts = { server, tracker, generator, writtenMs };
  let rate = await findHighestRate(generator, server);
  let highest = await measureRate(parts, rate);
  // What was held for some seconds need not be held for longer.
  while (!tellHeld(rate, highest.measured)) {
    rate *= STEP_BACK;
    highest = await measureRate(parts, rate);
  }
  return [highest, await measureRate(parts, rate / 2)];
}

async function measureRate({ server, tracker, generator, writtenMs }, rate) {
  await server.waitForRest();
  const before = { server: server.cpuMs(), tracker: tracker.cpuMs() };
  const measured = await generator.act({ rate, seconds: SECONDS });
  const serverMs = server.cpuMs() - before.server;
  const trackerMs = tracker.cpuMs() - before.tracker;
  // A mark that another has overtaken in the same write is never seen.
  const lags = measured.marks.flatMap(([mark, seenMs]) =>
    writtenMs.has(mark) ? [writtenMs.get(mark) - seenMs] : [],
  );
  return { rate, measured, lags, serverMs, trackerMs };
}

function isHeld({ actions, seenMs }) {
  return seenMs.filter((ms) => ms <= HELD_MS).length >= actions * HELD_SHARE;
}

/** The search takes minutes: a line on stderr for each rate that was tried. */
function tellHeld(rate, measured) {
  const holds = isHeld(measured);
  const seconds = (percentileOf(measured.seenMs, 0.99) / 1_000).toFixed(2);
  const lost = measured.unseen === 0 ? '' : `, ${measured.unseen} unseen`;
  process.stderr.write(
    `${rate.toFixed(0)} actions/s: ${holds ? 'held' : 'not held'}, p99 ${seconds} s${lost}\n`,
  );
  return holds;
}

/** Doubles the rate while the server holds it, then halves the step. */
async function findHighestRate(generator, server) {
  const holds = async (rate) => {
    await server.waitForRest();
    return tellHeld(rate, await generator.act({ rate, seconds: SEARCH_SECONDS }));
  };
  let held = 0;
  let next = FIRST_RATE;
  while (await holds(next)) {
    held = next;
    next *= 2;
  }
  let step = (next - held) / 2;
  for (let count = 0; count < HALVINGS; count += 1) {
    if (await holds(held + step)) held += step;
    step /= 2;
  }
  if (held === 0) throw new Error(`the server does not hold ${FIRST_RATE} actions per second`);
  return held;
}

async function startGenerator(cleanup, server) {
  const options = {
    ...{ port: server.crowdPort, domain: server.crowdDomain, secret: server.componentSecret },
    ...{ rooms: ROOMS, people: PEOPLE, mucService: server.mucService, siteId: SITE_ID },
  };
  const child = spawnTied(process.execPath, [GENERATOR, JSON.stringify(options)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  cleanup.add(() => endProcess(child));
  await once(child, 'message');
  return {
    /** Acts at a rate for so long; resolves with what the server delivered. */
    async act(order) {
      const answer = once(child, 'message');
      child.send(order);
      const [measured] = await answer;
      return measured;
    },
  };
}
