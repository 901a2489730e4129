/**
 * What the server itself says of a room, asked by one of its owners over plain XEP-0045 and never
 * by the tracker: the measure that the list is held against.
 */
import { bareJid, domainOf, localpartOf } from '@conference/muc';
import type { RoomRow } from '@conference/muc';
import { type ChatClient, StanzaFailure } from './chat-client.js';

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
 * @param trackerDomain occupants of this domain are not people.
 */
export async function readRoomTruth(
  askers: readonly ChatClient[],
  roomJid: string,
  trackerDomain: string,
): Promise<RoomTruth | undefined> {
  for (const asker of askers) {
    try {
      return await askAll(asker, roomJid, trackerDomain);
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
  trackerDomain: string,
): Promise<RoomTruth> {
  const roomId = localpartOf(roomJid) ?? '';
  const countAffiliated = async (affiliation: 'owner' | 'admin' | 'member' | 'outcast') =>
    (await asker.readAffiliations(roomJid, affiliation)).length;
  const countNicks = async (role: 'moderator' | 'participant' | 'visitor') => {
    const occupants = await asker.readRoles(roomJid, role);
    const people = occupants.filter(
      ({ jid }) => jid === undefined || domainOf(bareJid(jid)) !== trackerDomain,
    );
    // Several sessions on one nick are one occupant.
    return new Set(people.map(({ nick }) => nick)).size;
  };
  const form = await asker.readConfiguration(roomJid);
  const [moderators, participants, visitors] = await Promise.all([
    countNicks('moderator'),
    countNicks('participant'),
    countNicks('visitor'),
  ]);
  const maxUsers = Number(form.get('muc#roomconfig_maxusers')?.[0] ?? '0');
  return {
    roomId,
    name: form.get('muc#roomconfig_roomname')?.[0] || roomId,
    admins: await countAffiliated('admin'),
    description: form.get('muc#roomconfig_roomdesc')?.join('\n') || roomId,
    maxUsers: Number.isNaN(maxUsers) ? 0 : maxUsers,
    members: await countAffiliated('member'),
    moderators,
    occupants: moderators + participants + visitors,
    outcasts: await countAffiliated('outcast'),
    owners: await countAffiliated('owner'),
    participants,
  };
}
