/**
 * How soon the list shows each kind of event: from the stanza with which a chat client causes it to
 * `GET /v1/conference.json`, the MUC server's own time included, followed by the feed. Rooms live
 * through all of them, one room after the other.
 */
import { openChatClient } from './chat-client.mjs';
import { nowMs } from './clock.mjs';
import { withCleanup } from './processes.mjs';
import { startProsody } from './prosody.mjs';
import { startRedis, waitForLivePicture } from './redis.mjs';
import { SITE_ID, startFacade, startTracker } from './services.mjs';
import { medianOf, percentileOf, printHead, printRow } from './statistics.mjs';
import { openWitness } from './witness.mjs';

const LIVES = Number(process.env.BENCH_LIVES ?? 100);
const PAUSE_MS = 15;
const ABSENT = 'absent@example.org';

/** What happens in a room from its beginning to its end, and what its row then says. */
const LIFE = [
  ['created, hidden', { occupants: 1 }, ({ owner, as }) => owner.join(as('owner'))],
  ['joined', { occupants: 2, participants: 1 }, ({ guest, as }) => guest.join(as('guest'))],
  ['role', { participants: 0 }, ({ owner, roomJid }) => owner.setRole(roomJid, 'guest', 'visitor')],
  [
    'affiliation of somebody present',
    { members: 1 },
    ({ owner, guest, roomJid }) => owner.setAffiliation(roomJid, guest.bareJid, 'member'),
  ],
  [
    'affiliation of somebody absent',
    { outcasts: 1 },
    ({ owner, roomJid }) => owner.setAffiliation(roomJid, ABSENT, 'outcast'),
  ],
  ['subject', { subject: 'Tea' }, ({ owner, roomJid }) => owner.setSubject(roomJid, 'Tea')],
  [
    'configuration',
    { name: 'Tea room' },
    ({ owner, roomJid }) => owner.configure(roomJid, 'muc#roomconfig_roomname', 'Tea room'),
  ],
  ['left', { occupants: 1 }, ({ guest, as }) => guest.leave(as('guest'))],
  ['destroyed', null, ({ owner, roomJid }) => owner.destroy(roomJid)],
];

/** Prints the table. */
export function run() {
  return withCleanup(async (cleanup) => {
    const prosody = await startProsody(cleanup, { hasFeed: true });
    const redis = await startRedis(cleanup);
    startTracker(cleanup, { prosody, redis, settings: { TRACKER_FEED: 'feed' } });
    await waitForLivePicture(redis.client, prosody.mucService);
    const list = await openWitness('list', await startFacade(cleanup, { prosody, redis }));
    cleanup.add(() => list.end());
    const people = { owner: await openPerson(prosody), guest: await openPerson(prosody) };
    cleanup.add(() => Object.values(people).forEach((person) => person.close()));

    const lags = new Map(LIFE.map(([kind]) => [kind, []]));
    for (let number = 0; number < LIVES; number += 1) {
      const roomId = `life${number}|${SITE_ID}`;
      const roomJid = `${roomId}@${prosody.mucService}`;
      const room = { ...people, roomJid, as: (nick) => `${roomJid}/${nick}` };
      for (const [kind, row, cause] of LIFE) {
        list.send({ roomId, row });
        await list.next('watching');
        const causedMs = nowMs();
        const [{ atMs }] = await Promise.all([list.next('listed'), cause(room)]);
        lags.get(kind).push(atMs - causedMs);
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * (1 + Math.random())));
      }
    }
    print(lags);
  });
}

function openPerson({ c2sPort, anonymousDomain }) {
  return openChatClient({ port: c2sPort, domain: anonymousDomain });
}

function print(lags) {
  process.stdout.write(
    `event-lag: ms from the stanza that causes an event until the list shows it, ${LIVES} rooms, ` +
      'followed by the feed\n\n',
  );
  printHead(['event', 'median', 'p99', 'longest']);
  for (const [kind, figures] of lags) {
    const summary = [medianOf(figures), percentileOf(figures, 0.99), Math.max(...figures)];
    printRow([kind, ...summary.map((figure) => figure.toFixed(1))]);
  }
  process.stdout.write('\n');
}
