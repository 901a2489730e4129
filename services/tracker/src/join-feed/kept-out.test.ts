/** A room that the tracker is out of: it comes back, and shows where it is thrown out again and again. */
import { expect, test } from '@jest/globals';
import { parseRoomPresence } from '@conference/muc-stanza';
import { createMetricsRegistry, createSilentLogger } from '@conference/service-runtime';
import { parse } from 'ltx';
import pLimit from 'p-limit';
import { eventually } from '../../../../test/support/eventually.js';
import { OWN_JID, OWN_NICK } from '../../../../test/support/joined-room-rig.js';
import { ScriptedConnection, stanzaError } from '../../../../test/support/scripted-connection.js';
import type { FeedTrouble } from '../room-feed.js';
import { RoomRequests } from '../room-requests.js';
import { createTrackerMetrics } from '../tracker-metrics.js';
import { FollowedRooms } from './followed-rooms.js';

const ROOM_ID = 'tea';
const ROOM_JID = `${ROOM_ID}@conference.localhost`;

function ownPresence(type: string, codes: readonly number[]): string {
  const statuses = codes.map((code) => `<status code='${code}'/>`).join('');
  return (
    `<presence from='${ROOM_JID}/${OWN_NICK}'${type}>` +
    `<x xmlns='http://jabber.org/protocol/muc#user'>` +
    `<item affiliation='owner' role='${type === '' ? 'moderator' : 'none'}' jid='${OWN_JID}'/>` +
    `${statuses}</x></presence>`
  );
}

/** A persistent room that lets us in, and everything that following it tells. */
function followRoom() {
  const connection = new ScriptedConnection();
  const registry = createMetricsRegistry();
  const warnings: object[] = [];
  const troubles: (FeedTrouble | undefined)[] = [];
  const session = new AbortController();
  let reads = 0;
  const show = (xml: string): void => {
    const presence = parseRoomPresence(parse(xml));
    if (presence === undefined) throw new Error(`no presence of a room: ${xml}`);
    rooms.handlePresence(presence);
  };
  connection.answer = (iq) => {
    const xmlns = iq.getChild('query')?.attrs['xmlns'] as string;
    return xmlns.endsWith('disco#info')
      ? `<query xmlns='${xmlns}'><feature var='muc_persistent'/></query>`
      : xmlns.endsWith('muc#owner')
        ? `<query xmlns='${xmlns}'><x xmlns='jabber:x:data'>` +
          `<field var='muc#roomconfig_persistentroom'><value>1</value></field></x></query>`
        : `<query xmlns='${xmlns}'/>`;
  };
  connection.onSent = (stanza) => {
    if (stanza.attrs['type'] === undefined) show(ownPresence('', [110]));
  };
  const rooms = new FollowedRooms({
    requests: new RoomRequests({
      connection,
      mucService: 'conference.localhost',
      ownJid: OWN_JID,
      trackerDomains: new Set(['tracker.localhost']),
      timeoutMs: 5_000,
      limit: pLimit(32),
    }),
    nick: OWN_NICK,
    discoveryIntervalMs: 1_000,
    listener: {
      onRoomRead: () => (reads += 1),
      onRoomEvent: () => undefined,
      onDoubtfulDeparture: () => undefined,
      onRoomGone: () => undefined,
      onRoomUnreadable: () => undefined,
      onTrouble: (trouble) => troubles.push(trouble),
      onSynchronised: () => undefined,
      onInterrupted: () => undefined,
    },
    metrics: createTrackerMetrics(registry)('conference.localhost'),
    logger: { ...createSilentLogger(), warn: (fields: object) => void warnings.push(fields) },
    now: () => 1_000,
    random: () => 0,
    signal: session.signal,
    sight: { showsEverySession: false },
  });
  return {
    rooms,
    connection,
    warnings,
    troubles,
    kick: () => show(ownPresence(" type='unavailable'", [110, 307])),
    waitForReads: (count: number) =>
      eventually(
        () => reads,
        (read) => read === count,
      ),
    keptOutRooms: async (): Promise<number | undefined> => {
      const metric = registry.getSingleMetric('conference_tracker_kept_out_rooms');
      return (await metric?.get())?.values[0]?.value;
    },
    end: () => {
      session.abort();
      rooms.endAll();
    },
  };
}

test('once thrown out, we are in again at once and nothing is said', async () => {
  const room = followRoom();
  await room.rooms.follow(ROOM_ID);
  room.kick();
  await room.waitForReads(2);
  expect([room.warnings, room.troubles]).toEqual([[], []]);
  room.end();
});

// As a room does that another node of a cluster has taken over: nobody told us that we are out.
test('a room that refuses what it tells those who are in is entered again', async () => {
  const room = followRoom();
  await room.rooms.follow(ROOM_ID);
  const { answer } = room.connection;
  room.connection.answer = (iq) =>
    iq.getChild('query')?.getChild('item')?.attrs['role'] === undefined
      ? answer(iq)
      : stanzaError('forbidden');
  const inspection = room.rooms.find(ROOM_ID)?.inspect(() => undefined);
  await expect(inspection).rejects.toMatchObject({ condition: 'forbidden' });
  await room.waitForReads(2);
  room.end();
});

test('thrown out again, we stay away for a while and say so, until we are in again', async () => {
  const room = followRoom();
  await room.rooms.follow(ROOM_ID);
  room.kick();
  await room.waitForReads(2);
  room.kick();
  expect(await room.keptOutRooms()).toBe(1);
  expect(room.warnings).toEqual([{ roomId: ROOM_ID, repeats: 1, pauseMs: 250 }]);
  const trouble = {
    reason: 'a room cannot be followed all the time: the tracker is thrown out again and again',
    detail: `such as ${ROOM_ID}`,
  };
  expect(room.troubles).toEqual([trouble]);
  room.rooms.compareWithListing(new Set([ROOM_ID]), 0);
  expect(room.troubles.at(-1)).toEqual(trouble);

  await room.waitForReads(3);
  expect(await room.keptOutRooms()).toBe(0);
  expect(room.troubles.at(-1)).toBeUndefined();
  room.end();
});

test('with the session it is forgotten', async () => {
  const room = followRoom();
  await room.rooms.follow(ROOM_ID);
  room.kick();
  await room.waitForReads(2);
  room.kick();
  room.end();
  expect(await room.keptOutRooms()).toBe(0);
  room.rooms.tellTrouble();
  expect(room.troubles.at(-1)).toBeUndefined();
});
