/**
 * What the server itself says of a room, asked by one of its owners over plain XEP-0045 and never
 * by the tracker: the measure that the list is held against.
 */
import { bareJid, domainOf, localpartOf } from '@conference/muc';
import type { RoomRow } from '@conference/muc';
import type { XmppServer } from '../servers/xmpp-server.js';
import { type ChatClient, type SeenOccupant, StanzaFailure } from './chat-client.js';

/** What must be known of the server to ask it. */
export type TruthfulServer = Pick<
  XmppServer,
  'trackerDomain' | 'standbyTrackers' | 'readOccupants'
>;

/** A row without what only the tracker knows, and without what only a join tells. */
export type RoomTruth = Omit<
  RoomRow,
  'creationDate' | 'modificationDate' | 'emptyDate' | 'subject'
>;

/** The same part of a served row. */
export function comparable(row: RoomRow): RoomTruth {
  const { creationDate: _c, modificationDate: _m, emptyDate: _e, subject: _s, ...truth } = row;
  return truth;
}

/**
 * The room as the first of the askers who may see it sees it; undefined where there is none.
 * @param server whose room it is; occupants of its trackers' domains are not people.
 * @param listed where sessions on one nick have different roles, any of them is the truth; so that
 *   of this row is told, if it is one
 */
export async function readRoomTruth(
  askers: readonly ChatClient[],
  roomJid: string,
  server: TruthfulServer,
  listed?: RoomRow,
): Promise<RoomTruth | undefined> {
  for (const asker of askers) {
    try {
      return await askAll(asker, roomJid, server, listed);
    } catch (error) {
      if (!(error instanceof StanzaFailure)) throw error;
      if (error.condition === 'item-not-found' || error.condition === 'gone') return undefined;
      if (error.condition !== 'forbidden') throw error;
    }
  }
  throw new Error(`none of the askers is an owner of ${roomJid}`);
}

async function askAll(
  asker: ChatClient,
  roomJid: string,
  server: TruthfulServer,
  listed: RoomRow | undefined,
): Promise<RoomTruth> {
  const roomId = localpartOf(roomJid) ?? '';
  const countAffiliated = async (affiliation: 'owner' | 'admin' | 'member' | 'outcast') =>
    (await asker.readAffiliations(roomJid, affiliation)).length;
  // A room that an owner may configure need not exist (ejabberd shows the form all the same).
  await asker.discoInfo(roomJid);
  const form = await asker.readConfiguration(roomJid);
  const occupants = await readOccupants(asker, roomJid, server);
  const counts = countRoles(occupants);
  const isListed = ({ moderators, participants }: RoleCounts): boolean =>
    moderators === listed?.moderators && participants === listed.participants;
  const { moderators = 0, participants = 0 } = counts.find(isListed) ?? counts[0] ?? {};
  const maxUsers = Number(form.get('muc#roomconfig_maxusers')?.[0] ?? '0');
  return {
    roomId,
    name: form.get('muc#roomconfig_roomname')?.[0] || roomId,
    admins: await countAffiliated('admin'),
    description: form.get('muc#roomconfig_roomdesc')?.join('\n') || roomId,
    maxUsers: Number.isNaN(maxUsers) ? 0 : maxUsers,
    members: await countAffiliated('member'),
    moderators,
    // Several sessions on one nick are one occupant.
    occupants: new Set(occupants.map(({ nick }) => nick)).size,
    outcasts: await countAffiliated('outcast'),
    owners: await countAffiliated('owner'),
    participants,
  };
}

type RoleCounts = Pick<RoomTruth, 'moderators' | 'participants'>;

/** How many have each role: one way for each choice where sessions on one nick have several. */
function countRoles(occupants: readonly Pick<SeenOccupant, 'nick' | 'role'>[]): RoleCounts[] {
  const roles = new Map<string, Set<string>>();
  for (const { nick, role } of occupants) {
    roles.set(nick, (roles.get(nick) ?? new Set<string>()).add(role));
  }
  return [...roles.values()].reduce<RoleCounts[]>(
    (ways, each) =>
      ways.flatMap(({ moderators, participants }) =>
        [...each].map((role) => ({
          moderators: moderators + Number(role === 'moderator'),
          participants: participants + Number(role === 'participant'),
        })),
      ),
    [{ moderators: 0, participants: 0 }],
  );
}

/** Everybody's sessions but the trackers'. */
async function readOccupants(
  asker: ChatClient,
  roomJid: string,
  server: TruthfulServer,
): Promise<readonly Pick<SeenOccupant, 'nick' | 'role' | 'jid'>[]> {
  const roles = ['moderator', 'participant', 'visitor'] as const;
  const occupants =
    (await server.readOccupants?.(roomJid)) ??
    (await Promise.all(roles.map((role) => asker.readRoles(roomJid, role)))).flat();
  const trackers = [server.trackerDomain, ...server.standbyTrackers.map(({ domain }) => domain)];
  return occupants.filter(
    ({ jid }) => jid === undefined || !trackers.includes(domainOf(bareJid(jid))),
  );
}
