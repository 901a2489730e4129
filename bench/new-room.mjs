/**
 * How soon the list knows of a room that did not exist: from the join that makes a hidden,
 * temporary room to its creator's own presence, and to `GET /v1/conference.json`; followed by the
 * feed, and by joining, where only looking again and again finds it.
 */
import { openChatClient } from './chat-client.mjs';
import { nowMs } from './clock.mjs';
import { withCleanup } from './processes.mjs';
import { startProsody } from './prosody.mjs';
import { startRedis, waitForLivePicture } from './redis.mjs';
import { SITE_ID, startFacade, startTracker } from './services.mjs';
import { medianOf, percentileOf, printHead, printRow } from './statistics.mjs';
import { openWitness } from './witness.mjs';

const ROOMS = Number(process.env.BENCH_NEW_ROOMS ?? 200);
const PAUSE_MS = 15;

/** Prints the table. */
export async function run() {
  process.stdout.write(
    `new-room: ms from the join that makes a hidden temporary room until it is seen, ${ROOMS} rooms\n\n`,
  );
  printHead([
    ...['followed', 'at its creator: median', 'p99', 'in the list: median', 'p99', 'longest'],
  ]);
  for (const feed of ['feed', 'join']) await withCleanup((cleanup) => measure(cleanup, feed));
  process.stdout.write('\n');
}

async function measure(cleanup, feed) {
  const prosody = await startProsody(cleanup, { hasFeed: feed === 'feed' });
  const redis = await startRedis(cleanup);
  startTracker(cleanup, { prosody, redis, settings: { TRACKER_FEED: feed } });
  await waitForLivePicture(redis.client, prosody.mucService);
  const facade = await startFacade(cleanup, { prosody, redis });
  const list = await openWitness('list', facade);
  cleanup.add(() => list.end());
  const waiting = new Map();
  const creator = await openChatClient({
    port: prosody.c2sPort,
    domain: prosody.anonymousDomain,
    onPresence: (occupantJid) => waiting.get(occupantJid)?.(nowMs()),
  });
  cleanup.add(() => creator.close());

  const seen = [];
  const listed = [];
  for (let number = 0; number < ROOMS; number += 1) {
    const roomId = `new${number}|${SITE_ID}`;
    const occupantJid = `${roomId}@${prosody.mucService}/creator`;
    list.send({ roomId, row: { occupants: 1 } });
    await list.next('watching');
    const present = new Promise((resolve) => waiting.set(occupantJid, resolve));
    const joinedMs = nowMs();
    await creator.join(occupantJid);
    seen.push((await present) - joinedMs);
    listed.push((await list.next('listed')).atMs - joinedMs);
    await creator.leave(occupantJid);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * (1 + Math.random())));
  }
  const ms = (figure) => figure.toFixed(1);
  printRow([
    feed === 'feed' ? 'by the feed' : 'by joining',
    ...[ms(medianOf(seen)), ms(percentileOf(seen, 0.99))],
    ...[ms(medianOf(listed)), ms(percentileOf(listed, 0.99)), ms(Math.max(...listed))],
  ]);
}
