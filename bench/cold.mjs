/**
 * Cold start: from the tracker's first moment to a live picture in Redis, with 1,000 persistent
 * rooms (BENCH_ROOMS) in a real Prosody, beside the same requests sent bare with the same
 * parallelism. The two take turns; each figure is the median of the rounds.
 */
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { measureColdStart } from './cold-start.mjs';
import { openCrowd } from './crowd.mjs';
import { HOW_FOLLOWED } from './feed.mjs';
import { endProcess, spawnTied, withCleanup } from './processes.mjs';
import { startProsody } from './prosody.mjs';
import { startRedis } from './redis.mjs';
import { medianOf, printHead, printRow } from './statistics.mjs';

const ROOMS = Number(process.env.BENCH_ROOMS ?? 1_000);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const PARALLEL = Number(process.env.TRACKER_PARALLEL_REQUESTS ?? 32);
const BARE = fileURLToPath(new URL('./bare-requests.mjs', import.meta.url));
/** Every third room is empty, the others have one or three people in. */
const OCCUPANTS = [3, 1, 0];

/** Prints the table. */
export function run() {
  return withCleanup(async (cleanup) => {
    const prosody = await startProsody(cleanup);
    const redis = await startRedis(cleanup);
    const crowd = await openCrowd(prosody);
    cleanup.add(() => crowd.close());
    await crowd.makeRooms(ROOMS, (number) => OCCUPANTS[number % OCCUPANTS.length]);
    crowd.deafen();

    const rounds = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const bare = await runBare(cleanup, prosody);
      const tracker = await measureColdStart(cleanup, { prosody, redis, rooms: ROOMS });
      // The first round warms Prosody up.
      if (round > 0) rounds.push({ bare, tracker });
    }
    printTable(rounds);
  });
}

async function runBare(cleanup, prosody) {
  await prosody.waitForRest();
  const startedMs = Date.now();
  const serverCpuMs = prosody.cpuMs();
  const child = spawnTied(
    process.execPath,
    [
      ...[BARE, String(prosody.componentPort), prosody.trackerDomain, prosody.componentSecret],
      ...[prosody.mucService, String(PARALLEL)],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  cleanup.add(() => endProcess(child));
  const events = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line);
    events[event.event] = { ...event, serverCpuMs: prosody.cpuMs() };
  }
  if (events.done?.rooms !== ROOMS) {
    throw new Error(`the bare requests came to ${JSON.stringify(events)}`);
  }
  return {
    fromStartMs: events.done.atMs - startedMs,
    fromOnlineMs: events.done.atMs - events.online.atMs,
    cpuMs: events.done.cpuMs,
    serverCpuMs: events.done.serverCpuMs - serverCpuMs,
  };
}

function printTable(rounds) {
  const seconds = (ms) => (ms / 1000).toFixed(2);
  process.stdout.write(
    `cold: ${ROOMS} persistent rooms (${HOW_FOLLOWED}) until the picture is live, ${PARALLEL} ` +
      `requests at a time; seconds, medians of ${rounds.length} (least to most)\n\n`,
  );
  printHead(['measured', 'bare requests', 'tracker', 'tracker/bare', 'least/least']);
  const rows = [
    ['from XMPP online', 'fromOnlineMs'],
    ['from process start', 'fromStartMs'],
    ['processor time of the process', 'cpuMs'],
    ['processor time of Prosody', 'serverCpuMs'],
  ];
  for (const [name, key] of rows) {
    const bare = rounds.map((round) => round.bare[key]);
    const tracker = rounds.map((round) => round.tracker[key]);
    const span = (figures) =>
      `${seconds(medianOf(figures))} (${seconds(Math.min(...figures))} to ${seconds(Math.max(...figures))})`;
    const ratio = (medianOf(tracker) / medianOf(bare)).toFixed(2);
    // What else the machine does can only add to a figure.
    const leastRatio = (Math.min(...tracker) / Math.min(...bare)).toFixed(2);
    printRow([name, span(bare), span(tracker), ratio, leastRatio]);
  }
  process.stdout.write('\n');
}
