/**
 * Finds out by trying which facts of a room a backend's server tells by itself, so that even a
 * tracker that knows nothing learns them, and which are known only to a tracker that saw them
 * happen. Nothing here is declared: the document of the servers is written from what was found.
 */
import type { FieldSource, RoomRow } from '@conference/muc';
import { createRedisRoomStore } from '@conference/room-store';
import { Redis } from 'ioredis';
import { type ChatClient, StanzaFailure } from './chat-client.js';
import { eventually } from './eventually.js';
import type { Stack } from './stack.js';

/** What was found of each fact, in the order of the document. */
export type ServerFacts = ReadonlyMap<string, string>;

/** How long a room that nobody looks for may take until it shows by itself. */
const TELLING_TIMEOUT_MS = 5_000;
const OCCUPIED = 'occupied';
const EMPTY = 'empty';
const CONFIGURATION = {
  'muc#roomconfig_persistentroom': '1',
  'muc#roomconfig_publicroom': '0',
  'muc#roomconfig_roomname': 'A name',
  'muc#roomconfig_roomdesc': 'A description',
};
const MAXIMUM = 30;

/**
 * Makes rooms, lets the tracker forget everything, and compares.
 * @param stack its tracker must not look for new rooms by itself (DISCOVERY_INTERVAL_MS).
 */
export async function findServerFacts(stack: Stack): Promise<ServerFacts> {
  const alice = await stack.connect(0);
  const bob = await stack.connect(1);
  const isTold = await makeRooms(stack, alice, bob);
  if (!isTold) await beginAnew(stack, () => Promise.resolve());
  // What happens in front of the tracker: a change of configuration, and the last one's leaving.
  await alice.join(stack.roomJid(EMPTY), 'alice');
  await stack.waitForRow(EMPTY, (row) => row.occupants === 1);
  const { creationDate } = await stack.waitForRow(EMPTY);
  await alice.configure(stack.roomJid(EMPTY), { 'muc#roomconfig_roomname': 'Changed' });
  await stack.waitForRow(EMPTY, (row) => row.modificationDate > creationDate);
  await alice.leave(stack.roomJid(EMPTY));
  const before = await stack.waitForRow(EMPTY, (row) => row.emptyDate !== undefined);

  await beginAnew(stack, async () => {
    await forgetEverything(stack);
    await alice.setSubject(stack.roomJid(OCCUPIED), 'About something else');
    await alice.setAffiliation(stack.roomJid(OCCUPIED), 'absent@example.org', 'admin');
  });
  const occupied = await stack.waitForRow(OCCUPIED);
  const empty = await stack.waitForRow(EMPTY);
  const { bob: bobsJid } = await readRealJids(stack);
  const { fields } = await alice.discoInfo(stack.roomJid(OCCUPIED));
  return new Map<string, string>([
    ['a new room', isTold ? 'told at once' : 'found by looking'],
    ['rooms that are listed to nobody', server(occupied.name === 'A name')],
    ['name', server(empty.name === 'Changed')],
    ['description', server(occupied.description === 'A description')],
    ['maximum of users', server(occupied.maxUsers === MAXIMUM)],
    ['subject', server(occupied.subject === 'About something else')],
    ['subject of a room that nobody is in', server(empty.subject === 'About nothing')],
    ['who is in, and in which role', server(occupied.occupants === 2 && occupied.moderators === 1)],
    ['real JIDs, where the room hides them', server(bobsJid === 'bob@localhost')],
    ['owners, admins, members, outcasts', server(occupied.owners === 1 && occupied.admins === 1)],
    ['creation date', dated(before.creationDate, empty.creationDate)],
    ['modification date', dated(before.modificationDate, empty.modificationDate)],
    ['empty date', dated(before.emptyDate, empty.emptyDate)],
    ['the tracker is seen in the room', yesOrNo(hasSeenTracker(alice, stack))],
    [
      "the tracker is in the server's own count",
      yesOrNo(fields.get('muc#roominfo_occupants')?.[0] === '3'),
    ],
  ]);
}

/** Two persistent hidden rooms; resolves with whether they showed without being looked for. */
async function makeRooms(stack: Stack, alice: ChatClient, bob: ChatClient): Promise<boolean> {
  for (const roomId of [OCCUPIED, EMPTY]) {
    await alice.join(stack.roomJid(roomId), 'alice');
    await alice.configure(stack.roomJid(roomId), CONFIGURATION);
  }
  await configureMaximum(alice, stack.roomJid(OCCUPIED));
  await alice.setSubject(stack.roomJid(EMPTY), 'About nothing');
  await alice.leave(stack.roomJid(EMPTY));
  await bob.join(stack.roomJid(OCCUPIED), 'bob');
  try {
    await eventually(() => stack.row(EMPTY), Boolean, { timeoutMs: TELLING_TIMEOUT_MS });
    return true;
  } catch {
    return false;
  }
}

/** A server that knows no maximum may refuse the field. */
async function configureMaximum(owner: ChatClient, roomJid: string): Promise<void> {
  try {
    await owner.configure(roomJid, { 'muc#roomconfig_maxusers': String(MAXIMUM) });
  } catch (error) {
    if (!(error instanceof StanzaFailure)) throw error;
  }
}

/** Ends the tracker, does something, and lets a new one read everything. */
async function beginAnew(stack: Stack, meanwhile: () => Promise<unknown>): Promise<void> {
  await stack.tracker.stop();
  await stack.waitUntilStale();
  await meanwhile();
  stack.tracker.start();
  await stack.waitUntilLive();
}

async function forgetEverything(stack: Stack): Promise<void> {
  const redis = new Redis(stack.redis.url);
  await redis.flushall();
  redis.disconnect();
}

/** Bare JIDs by nick, as far as the tracker knows them. */
async function readRealJids(stack: Stack): Promise<Readonly<Record<string, string | undefined>>> {
  const { mucService } = stack.server;
  const store = createRedisRoomStore({
    redisUrl: stack.redis.url,
    keyPrefix: 'conference',
    mucService,
  });
  try {
    const detail = await store.readRoom(OCCUPIED);
    return Object.fromEntries(
      (detail?.occupants ?? []).map(({ nick, bareJid }) => [nick, bareJid]),
    );
  } finally {
    await store.close();
  }
}

function hasSeenTracker(client: ChatClient, stack: Stack): boolean {
  return client.session.received.some(
    (stanza) =>
      stanza.name === 'presence' &&
      stanza.attrs['from']?.startsWith(`${stack.roomJid(OCCUPIED)}/`) === true &&
      stanza.toString().includes(`jid="${stack.server.trackerDomain}`),
  );
}

function server(isRight: boolean): FieldSource {
  return isRight ? 'server' : 'unknown';
}

/** A date that a tracker without memory tells alike comes from the server. */
function dated(before: RoomRow['emptyDate'], after: RoomRow['emptyDate']): FieldSource {
  return before === after ? 'server' : 'observed';
}

function yesOrNo(is: boolean): string {
  return is ? 'yes' : 'no';
}
