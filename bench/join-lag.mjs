/**
 * How much later than an occupant's client does the list know of a join? From one client's join to
 * the presence at another occupant's client, and to the count in `GET /v1/conference.json`: what
 * lies between is what tracker, Redis and facade add to the MUC server's own time.
 *
 * Joiner, occupant, and whoever polls the list are processes of their own, and so is the crowd
 * that fills the room; what nobody measures is thrown away unread.
 */
import { openChatClient } from './chat-client.mjs';
import { openCrowd } from './crowd.mjs';
import { HOW_FOLLOWED } from './feed.mjs';
import { openWitness } from './witness.mjs';
import { withCleanup } from './processes.mjs';
import { startProsody } from './prosody.mjs';
import { startRedis, waitForLivePicture } from './redis.mjs';
import { startFacade, startTracker } from './services.mjs';
import { medianOf, percentileOf, printHead, printRow } from './statistics.mjs';

const OCCUPANT_COUNTS = (process.env.BENCH_OCCUPANTS ?? '10,100,1000').split(',').map(Number);
const JOINS = Number(process.env.BENCH_JOINS ?? 300);
/** Joins are this far apart at least, and up to twice as far, so that they meet no rhythm. */
const PAUSE_MS = 15;

/** Prints the table. */
export function run() {
  return withCleanup(async (cleanup) => {
    const prosody = await startProsody(cleanup);
    const redis = await startRedis(cleanup);
    const crowd = await openCrowd(prosody);
    cleanup.add(() => crowd.close());
    // The witness is in each room besides.
    await crowd.makeRooms(OCCUPANT_COUNTS.length, (number) => OCCUPANT_COUNTS[number] - 1);
    crowd.deafen();
    startTracker(cleanup, { prosody, redis });
    await waitForLivePicture(redis.client, prosody.mucService);
    const facade = await startFacade(cleanup, { prosody, redis });

    process.stdout.write(
      `join-lag: ms from a client's join until it is seen, ${JOINS} joins in each room ` +
        `(${HOW_FOLLOWED})\n\n`,
    );
    printHead([
      ...['occupants', 'at another occupant: median', 'p99', 'in the list: median', 'p99'],
      ...['difference: median', 'p99', 'one poll: median'],
    ]);
    for (const [number, occupants] of OCCUPANT_COUNTS.entries()) {
      const room = { roomJid: crowd.roomJid(number), roomId: crowd.roomId(number), occupants };
      printRoom(room, await measureRoom(prosody, facade, room));
    }
    process.stdout.write('\n');
  });
}

async function measureRoom(prosody, facade, { roomJid, roomId, occupants }) {
  const { c2sPort: port, anonymousDomain: domain } = prosody;
  const joiner = await openChatClient({ port, domain });
  joiner.deafen();
  const list = await openWitness('list', facade);
  const room = await openWitness('occupant', {
    ...{ port, domain },
    occupantJid: `${roomJid}/witness`,
  });
  const joins = [];
  try {
    list.send({ roomId, row: { occupants } });
    await list.next('listed');
    for (let count = 0; count < JOINS; count += 1) {
      const occupantJid = `${roomJid}/joiner${count}`;
      list.send({ roomId, row: { occupants: occupants + 1 } });
      await list.next('watching');
      const joinedMs = Number(process.hrtime.bigint()) / 1e6;
      await joiner.join(occupantJid);
      const seen = await room.next('present', (event) => event.occupantJid === occupantJid);
      const listed = await list.next('listed');
      joins.push({
        seenMs: seen.atMs - joinedMs,
        listedMs: listed.atMs - joinedMs,
        pollMs: medianOf(listed.pollMs),
      });
      await joiner.leave(occupantJid);
      list.send({ roomId, row: { occupants } });
      await list.next('listed');
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * (1 + Math.random())));
    }
  } finally {
    room.end();
    list.end();
    joiner.close();
  }
  return joins;
}

function printRoom({ occupants }, joins) {
  const ms = (figure) => figure.toFixed(1);
  const both = (figures) => [ms(medianOf(figures)), ms(percentileOf(figures, 0.99))];
  printRow([
    occupants.toLocaleString('en'),
    ...both(joins.map(({ seenMs }) => seenMs)),
    ...both(joins.map(({ listedMs }) => listedMs)),
    ...both(joins.map(({ seenMs, listedMs }) => listedMs - seenMs)),
    medianOf(joins.map(({ pollMs }) => pollMs)).toFixed(2),
  ]);
}
