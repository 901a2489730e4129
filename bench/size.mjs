/**
 * What size costs, on a simulated server: no real one here can hold it. Everything else is real:
 * tracker, Redis and facade as processes of their own, and every stanza over a socket.
 *
 * The same is measured at 1,000 rooms and at BENCH_ROOMS (by default 100,000; 1,000,000 works), and
 * then in one room of BENCH_OCCUPANTS (100,000) among 1,000 others. By the feed; with
 * BENCH_FEED=join by joining.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { watchMarks } from './mark-watch.mjs';
import { waitUntil, withCleanup } from './processes.mjs';
import { startRedis, usedMemory, waitForLivePicture } from './redis.mjs';
import { startFacade, startTracker } from './services.mjs';
import { startSimulatedServer } from './simulated.mjs';
import { printCosts, printEvents, printMemory, printPauses } from './size-tables.mjs';
import { measureList } from './list-latency.mjs';

const FEW_ROOMS = 10;
const SMALL = 1_000;
const ROOMS = Number(process.env.BENCH_ROOMS ?? 100_000);
const HALL_OCCUPANTS = Number(process.env.BENCH_OCCUPANTS ?? 100_000);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 10);
const RATES = [1_000, 10_000];
const REST_SECONDS = Number(process.env.BENCH_REST_SECONDS ?? 60);
const FOLLOWED = process.env.BENCH_FEED === 'join' ? 'join' : 'feed';
/** By then what was told must be visible. */
const SETTLE_MS = 60_000;
const MARK = /"subject":"mark (\d+)"/g;

/** Prints the tables. */
export async function run() {
  process.stdout.write(
    `size: followed by ${FOLLOWED === 'feed' ? 'the feed' : 'joining'}, ${SECONDS} s of each rate\n\n`,
  );
  const sizes = [];
  for (const rooms of [SMALL, ROOMS]) {
    sizes.push(await withCleanup((cleanup) => measureSize(cleanup, { rooms })));
  }
  const hall = await withCleanup((cleanup) =>
    measureSize(cleanup, { rooms: SMALL, hallOccupants: HALL_OCCUPANTS }),
  );
  hall.name = `${SMALL.toLocaleString('en')}, and one of ${HALL_OCCUPANTS.toLocaleString('en')} occupants`;
  printCosts([...sizes, hall]);
  printMemory(sizes, REST_SECONDS);
  printEvents([...sizes, hall]);
  printPauses([...sizes, hall]);
}

async function measureSize(cleanup, { rooms, hallOccupants = 0 }) {
  const server = await startSimulatedServer(cleanup, {
    rooms,
    hallOccupants,
    fewRooms: FEW_ROOMS,
  });
  const redis = await startRedis(cleanup);
  const settings = { TRACKER_FEED: FOLLOWED };
  const tracker = startTracker(cleanup, { prosody: server, redis, settings });
  const online = await tracker.waitForLog('online');
  // What loading its code took is no pause of the service.
  await tracker.measure();
  await waitForLivePicture(redis.client, server.mucService, 1_800_000);
  const liveMs = Date.now();
  const readCpuMs = tracker.cpuMs();

  const facadeStartedMs = Date.now();
  const facade = await startFacade(cleanup, { prosody: server, redis });
  await facade.measure();
  const listed = FEW_ROOMS + (hallOccupants > 0 ? 1 : 0);
  await waitForList(facade, listed);
  const listedMs = Date.now();
  // Node gives memory back that it needed for reading, but not at once. The hall is in no table.
  if (hallOccupants === 0) await delay(REST_SECONDS * 1_000);
  const resident = { tracker: tracker.residentBytes(), facade: facade.residentBytes() };
  const measured = {
    rooms,
    name: rooms.toLocaleString('en'),
    wholeMs: liveMs - Date.parse(online.time),
    readCpuMs,
    facadeMs: listedMs - facadeStartedMs,
    redisBytes: await usedMemory(redis.client),
    trackerRead: { ...(await tracker.measure()), ...resident.tracker },
    facadeRead: { ...(await facade.measure()), ...resident.facade },
    events: [],
  };
  const lags = [];
  watchMarks(cleanup, {
    redis,
    mucService: server.mucService,
    pattern: MARK,
    onMark: (mark, atMs) => lags.push(atMs - Number(mark) / 1e6),
  });
  for (const rate of RATES) {
    const only = hallOccupants > 0 ? rooms : undefined;
    const parts = { server, tracker, facade, redis, lags };
    measured.events.push(await measureEvents(parts, { rate, only }));
  }
  measured.trackerLive = await tracker.measure();
  measured.facadeLive = await facade.measure();
  return measured;
}

/** One rate for some seconds, with the list of the small site asked for all the while. */
async function measureEvents({ server, tracker, facade, redis, lags }, { rate, only }) {
  lags.length = 0;
  const cpu = [server, tracker, facade].map((process) => process.cpuMs());
  const list = measureList(facade);
  const { events, tookMs } = await server.makeTraffic({ rate, seconds: SECONDS, only });
  await waitForQuiet(redis.client, server.mucService);
  const listMs = await list.end();
  const [serverMs, trackerMs, facadeMs] = [server, tracker, facade].map(
    (process, index) => process.cpuMs() - cpu[index],
  );
  return {
    ...{ rate, events, tookMs, listMs, serverMs },
    lags: [...lags],
    trackerUs: (trackerMs / events) * 1_000,
    facadeUs: (facadeMs / events) * 1_000,
  };
}

/** Until the revision has stood still for a while: everything that was told is written. */
async function waitForQuiet(client, mucService) {
  let before;
  await waitUntil(
    async () => {
      const revision = await client.hget(`conference:{${mucService}}:meta`, 'revision');
      const isQuiet = revision === before;
      before = revision;
      return isQuiet;
    },
    'everything to be written',
    { timeoutMs: SETTLE_MS, intervalMs: 500 },
  );
}

function waitForList(facade, rooms) {
  const headers = { authorization: facade.authorization };
  return waitUntil(
    async () => {
      const answer = await fetch(facade.url, { headers });
      const body = await answer.text();
      return answer.ok && JSON.parse(body).data.rooms.length === rooms;
    },
    'the facade to list the rooms of the site',
    { timeoutMs: 600_000, intervalMs: 50 },
  );
}
