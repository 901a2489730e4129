/**
 * What a room costs: bytes per room at 10,000 rooms (BENCH_ROOMS) in Redis, tracker and facade.
 * Every room is as in life: three occupants, two affiliations besides the owner, a title, a
 * description, a subject. Tracker and facade are measured after garbage collection, each against
 * a process of its own that has started in the same way and found no room.
 */
import { openCrowd } from './crowd.mjs';
import { HOW_FOLLOWED } from './feed.mjs';
import { waitUntil, withCleanup } from './processes.mjs';
import { startProsody } from './prosody.mjs';
import { startRedis, usedMemory, waitForLivePicture } from './redis.mjs';
import { startFacade, startTracker } from './services.mjs';
import { printHead, printRow } from './statistics.mjs';

const ROOMS = Number(process.env.BENCH_ROOMS ?? 10_000);
const OCCUPANTS = 3;

/** Prints the table. */
export function run() {
  return withCleanup(async (cleanup) => {
    const prosody = await startProsody(cleanup, { isKeptInMemory: true });
    const redis = await startRedis(cleanup);
    const without = await measureAll(cleanup, prosody, redis, 0);
    const crowd = await openCrowd(prosody);
    cleanup.add(() => crowd.close());
    await crowd.makeRooms(ROOMS, () => OCCUPANTS, { isPersistent: false });
    crowd.deafen();
    const withRooms = await measureAll(cleanup, prosody, redis, ROOMS);
    printTable(without, withRooms);
  });
}

/** Starts both services over an empty Redis, waits until all rooms are listed, and looks. */
async function measureAll(cleanup, prosody, redis, roomCount) {
  const { client } = redis;
  await client.flushall();
  const tracker = startTracker(cleanup, { prosody, redis });
  await waitForLivePicture(client, prosody.mucService);
  const facade = await startFacade(cleanup, { prosody, redis });
  const headers = { authorization: facade.authorization };
  const listBytes = await waitUntil(async () => {
    const answer = await fetch(facade.url, { headers });
    const body = await answer.text();
    return answer.ok && JSON.parse(body).data.rooms.length === roomCount && body.length;
  }, 'the facade to list every room');
  const measured = {
    listBytes,
    redis: { total: await usedMemory(client), ...(await measureKeys(client)) },
    tracker: await tracker.measure(),
    facade: await facade.measure(),
  };
  await facade.stop();
  await tracker.stop();
  return measured;
}

/** What the keys of one kind hold, in bytes, by Redis's own count. */
async function measureKeys(client) {
  const kinds = { rooms: 0, details: 0, changes: 0 };
  let cursor = '0';
  do {
    const [next, keys] = await client.scan(cursor, 'COUNT', 1_000);
    await Promise.all(
      keys.map(async (key) => {
        const kind = key.slice(key.indexOf('}:') + 2).split(':', 1)[0];
        const bytes = await client.memory('USAGE', key, 'SAMPLES', '0');
        if (kind in kinds) kinds[kind] += bytes;
      }),
    );
    cursor = next;
  } while (cursor !== '0');
  return kinds;
}

function printTable(without, withRooms) {
  process.stdout.write(
    `memory: bytes per room at ${ROOMS.toLocaleString('en')} rooms (${HOW_FOLLOWED}) of ${OCCUPANTS} occupants and ` +
      `2 affiliations besides the owner's; a row of the list has ` +
      `${Math.round((withRooms.listBytes - without.listBytes) / ROOMS)} bytes\n\n`,
  );
  printHead(['where', 'bytes per room', 'with none (MiB)', 'with all (MiB)']);
  const print = (name, read) => {
    const [before, after] = [read(without), read(withRooms)];
    const mebibytes = (bytes) => (bytes / 1024 ** 2).toFixed(1);
    const perRoom = Math.round((after - before) / ROOMS).toLocaleString('en');
    printRow([name, perRoom, mebibytes(before), mebibytes(after)]);
  };
  print('Redis: used_memory', ({ redis }) => redis.total);
  print('… of it rows', ({ redis }) => redis.rooms);
  print('… of it occupants and affiliations', ({ redis }) => redis.details);
  print('… of it the change stream', ({ redis }) => redis.changes);
  const holding = ({ heapUsed, external }) => heapUsed + external;
  print('tracker: heap and buffers', ({ tracker }) => holding(tracker));
  print('tracker: resident set', ({ tracker }) => tracker.rss);
  print('facade: heap and buffers', ({ facade }) => holding(facade));
  print('facade: resident set', ({ facade }) => facade.rss);
  process.stdout.write('\n');
}
