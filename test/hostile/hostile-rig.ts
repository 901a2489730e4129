/** A tracker in front of scripted MUC services, and what must stay true of it whatever arrives. */
import type { RoomRow } from '@conference/muc';
import { localpartOf } from '@conference/muc';
import { createMemoryRoomStore } from '@conference/room-store';
import type { RoomStore } from '@conference/room-store';
import {
  createMetricsRegistry,
  createSilentLogger,
  readSettings,
} from '@conference/service-runtime';
import { startTracker, trackerSettings } from '@conference/tracker';
import type { RunningTracker } from '@conference/tracker';
import type { FakeXmppLink } from '../servers/fake-xmpp-link.js';
import { type FakeXmppServer, startFakeXmppServer } from '../servers/fake-xmpp-server.js';
import { eventually } from '../support/eventually.js';
import { ScriptedMuc } from './scripted-muc.js';

/** Two services, so that what is said in the name of one can be looked for in the other. */
export const SERVICES = ['conference.localhost', 'rooms.localhost'] as const;

/** Rooms that nobody attacks, of two sites and in both services. */
export const WITNESSES: readonly string[] = [
  'tea|sitea@conference.localhost',
  'tea|siteb@conference.localhost',
  'tea|sitea@rooms.localhost',
];

/** The room that everything may be said of. */
export const TARGET = 'target|sitea@conference.localhost';

/** What a script's room must look like in the list. */
type Seen = Pick<RoomRow, 'name' | 'subject' | 'occupants' | 'participants' | 'owners'>;

export class HostileRig {
  #people = 0;

  constructor(
    readonly server: FakeXmppServer,
    readonly muc: ScriptedMuc,
    private readonly stores: readonly RoomStore[],
    private readonly tracker: RunningTracker,
  ) {}

  /** The connection of now. */
  async link(): Promise<FakeXmppLink> {
    return eventually(
      () => {
        const link = this.server.links.findLast((each) => each.isAuthenticated && !each.isEnded);
        if (link === undefined) throw new Error('no connection');
        return link;
      },
      undefined,
      { what: 'a connection', intervalMs: 2 },
    );
  }

  /**
   * Somebody comes into each witness, and the list says so, of every witness, in its own service
   * and nowhere else: all that was sent before has been read by then, and harmed nothing.
   */
  async expectTruth(): Promise<void> {
    const nick = `person ${(this.#people += 1)}`;
    const link = await this.link();
    for (const roomJid of WITNESSES) this.muc.join(roomJid, nick, link);
    await eventually(
      async () => JSON.stringify(await this.#seen()),
      (seen) => seen === JSON.stringify(this.#truth()),
      { what: JSON.stringify(this.#truth()), intervalMs: 5, timeoutMs: 30_000 },
    );
  }

  /** All rows, of the target too. */
  async rows(): Promise<RoomRow[]> {
    const snapshots = await Promise.all(this.stores.map((store) => store.readSnapshot()));
    return snapshots.flatMap(({ rows }) => [...rows]);
  }

  async stop(): Promise<void> {
    await this.tracker.stop();
    await this.server.close();
  }

  #truth(): [string, Seen][] {
    return WITNESSES.map((roomJid) => {
      const room = this.muc.rooms.get(roomJid);
      if (room === undefined) throw new Error(`no room ${roomJid}`);
      const { size } = room.occupants;
      const { name, subject, owners } = room;
      return [
        roomJid,
        { name, subject, occupants: size, participants: size, owners: owners.length },
      ];
    });
  }

  async #seen(): Promise<[string, Seen][]> {
    const seen = new Map<string, Seen>();
    for (const [index, store] of this.stores.entries()) {
      const { picture, rows } = await store.readSnapshot();
      if (picture.state !== 'live') throw new Error('the picture is not live');
      for (const { roomId, name, subject, occupants, participants, owners } of rows) {
        const roomJid = `${roomId}@${SERVICES[index]}`;
        if (roomId === localpartOf(TARGET)) continue;
        seen.set(roomJid, { name, subject, occupants, participants, owners });
      }
    }
    // In the order of the witnesses; whatever else there is comes behind them and is false.
    const inOrder = WITNESSES.flatMap((jid): [string, Seen][] => {
      const row = seen.get(jid);
      seen.delete(jid);
      return row === undefined ? [] : [[jid, row]];
    });
    return [...inOrder, ...seen];
  }
}

/** Starts everything, and waits until it is true. */
export async function startHostileRig(
  spoil: (muc: ScriptedMuc) => void = () => undefined,
): Promise<HostileRig> {
  const server = await startFakeXmppServer();
  const muc = new ScriptedMuc(server);
  for (const roomJid of [...WITNESSES, TARGET]) muc.make(roomJid, 'anna', '\u202etrebreb');
  spoil(muc);
  const stores = SERVICES.map((mucService) => createMemoryRoomStore(mucService));
  const tracker = await startTracker({
    settings: readSettings(trackerSettings, {
      XMPP_COMPONENT_PORT: String(server.port),
      XMPP_COMPONENT_SECRET: server.secret,
      MUC_SERVICES: SERVICES.join(','),
      DISCOVERY_INTERVAL_MS: '50',
      TRACKER_REQUEST_TIMEOUT_MS: '300',
      AUDIT_INTERVAL_MS: '0',
    }),
    stores,
    logger: createSilentLogger(),
    registry: createMetricsRegistry(),
  });
  return new HostileRig(server, muc, stores, tracker);
}
