/** Rooms followed by joining, over a connection on which a persistent room lets everybody in. */
import { parseRoomPresence } from '@conference/muc-stanza';
import { createMetricsRegistry, createSilentLogger } from '@conference/service-runtime';
import { parse } from 'ltx';
import type { FeedTrouble } from '../../services/tracker/src/room-feed.js';
import { FollowedRooms } from '../../services/tracker/src/join-feed/followed-rooms.js';
import {
  RoomRequests,
  type RoomRequestsOptions,
} from '../../services/tracker/src/room-requests.js';
import { createTrackerMetrics } from '../../services/tracker/src/tracker-metrics.js';
import { eventually } from './eventually.js';
import { OTHER_TRACKER_DOMAIN, OWN_JID, OWN_NICK } from './joined-room-rig.js';
import { ScriptedConnection } from './scripted-connection.js';

export const ROOM_ID = 'tea';
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

/**
 * The rooms, nothing followed yet, and everything that following one tells.
 * @param limit bounds the requests that are under way
 * @param others presences of whoever is in the room before us, as XML
 */
export function createFollowedRooms(
  limit: RoomRequestsOptions['limit'],
  others: readonly string[] = [],
) {
  const connection = new ScriptedConnection();
  const registry = createMetricsRegistry();
  const warnings: object[] = [];
  const troubles: (FeedTrouble | undefined)[] = [];
  const session = new AbortController();
  let reads = 0;
  const gone: string[] = [];
  const unreadable: string[] = [];
  let tellAllRead = (): void => undefined;
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
    if (stanza.attrs['type'] !== undefined) return;
    others.forEach(show);
    show(ownPresence('', [110]));
  };
  const rooms = new FollowedRooms({
    requests: new RoomRequests({
      connection,
      mucService: 'conference.localhost',
      ownJid: OWN_JID,
      trackerDomains: new Set(['tracker.localhost', OTHER_TRACKER_DOMAIN]),
      timeoutMs: 5_000,
      limit,
    }),
    nick: OWN_NICK,
    discoveryIntervalMs: 1_000,
    listener: {
      onRoomRead: () => (reads += 1),
      onRoomEvent: () => undefined,
      onDoubtfulDeparture: () => undefined,
      onRoomGone: (roomId) => void gone.push(roomId),
      onRoomUnreadable: (roomId) => void unreadable.push(roomId),
      onTrouble: (trouble) => troubles.push(trouble),
      onSynchronised: () => undefined,
      onInterrupted: () => undefined,
    },
    metrics: createTrackerMetrics(registry)('conference.localhost'),
    logger: { ...createSilentLogger(), warn: (fields: object) => void warnings.push(fields) },
    now: () => 1_000,
    monotonicMs: () => performance.now(),
    random: () => 0,
    signal: session.signal,
    sight: { showsEverySession: false },
    allRead: new Promise((resolve) => (tellAllRead = resolve)),
  });
  return {
    rooms,
    connection,
    warnings,
    troubles,
    /** Shows a presence, as XML. */
    show,
    gone,
    unreadable,
    tellAllRead: () => tellAllRead(),
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
