/**
 * Which rooms exist: all of them, hidden ones too, or a failure. Never part of a list.
 * - COMPAT(prosody 0.12): rooms are hidden by default and disco#items leaves hidden rooms out, to
 *   an admin too; the form of an administrator's ad-hoc command names them all.
 * - COMPAT(ejabberd 23.01): disco#items without paging answers "0 items" above 100 rooms, and
 *   with pages of more than 100 loses rooms; so pages of 100, walked until one is empty.
 */
import { ConferenceError, domainOf, localpartOf } from '@conference/muc';
import {
  buildDiscoItemsRequest,
  buildRoomListingCancel,
  buildRoomListingRequest,
  NS,
  parseDiscoItems,
  parseRoomListing,
  ROOM_LISTING_NODE,
} from '@conference/muc-stanza';
import { expectParsed } from '../room-requests.js';
import type { RoomRequests } from '../room-requests.js';

/** Largest page that every server answers whole. */
const PAGE_SIZE = 100;

/** Lists the roomIds of all rooms; fails as XmppConnection.request, or with protocol-violation. */
export type RoomLister = () => Promise<ReadonlySet<string>>;

/** How this service lists its rooms: by the command if it has that, which is Prosody's own. */
export function createRoomLister(requests: RoomRequests, hasCommand: boolean): RoomLister {
  return hasCommand ? () => listByCommand(requests) : () => listByPages(requests);
}

/**
 * Whether the service offers us the command that names all rooms. What may pass is no answer to
 * that: by mistake we would list for a whole session without the rooms that are hidden.
 * Fails as XmppConnection.request.
 */
export async function hasListingCommand(requests: RoomRequests): Promise<boolean> {
  const { ownJid, mucService } = requests.options;
  try {
    const commands = await requests.askAtOnce(
      buildDiscoItemsRequest(ownJid, mucService, { node: NS.COMMANDS }),
      (reply) => expectParsed(parseDiscoItems(reply), 'a list of commands'),
    );
    return commands.items.some((item) => item.node === ROOM_LISTING_NODE);
  } catch (error) {
    if (!(error instanceof ConferenceError) || error.code !== 'stanza-error') throw error;
    if (error.isRetryable) throw error;
    return false;
  }
}

async function listByCommand(requests: RoomRequests): Promise<ReadonlySet<string>> {
  const { ownJid, mucService } = requests.options;
  const listing = await requests.askAtOnce(buildRoomListingRequest(ownJid, mucService), (reply) =>
    expectParsed(parseRoomListing(reply), 'a list of rooms'),
  );
  await requests.askAtOnce(
    buildRoomListingCancel(ownJid, mucService, listing.sessionId),
    () => undefined,
  );
  return toRoomIds(listing.roomJids, mucService);
}

async function listByPages(requests: RoomRequests): Promise<ReadonlySet<string>> {
  const { ownJid, mucService } = requests.options;
  const roomIds = new Set<string>();
  let count: number | undefined;
  let after: string | undefined;
  for (;;) {
    const page = { max: PAGE_SIZE, after };
    const { items, resultSet } = await requests.askAtOnce(
      buildDiscoItemsRequest(ownJid, mucService, { page }),
      (reply) => expectParsed(parseDiscoItems(reply), 'a list of rooms'),
    );
    const sizeBefore = roomIds.size;
    for (const roomId of toRoomIds(
      items.map((item) => item.jid),
      mucService,
    ))
      roomIds.add(roomId);
    count = resultSet?.count ?? count;
    // A service that does not page has said everything at once.
    if (resultSet === undefined && after === undefined) return roomIds;
    if (items.length === 0 || resultSet?.last === undefined) break;
    if (roomIds.size === sizeBefore) {
      throw new ConferenceError('protocol-violation', 'a page of rooms brought nothing new');
    }
    after = resultSet.last;
  }
  // Rooms come and go while the pages are walked; fewer than counted last means: not whole.
  if (count !== undefined && roomIds.size < count) {
    throw new ConferenceError(
      'protocol-violation',
      `the service counts ${count} rooms and listed ${roomIds.size}`,
      { isRetryable: true },
    );
  }
  return roomIds;
}

function toRoomIds(roomJids: readonly string[], mucService: string): ReadonlySet<string> {
  return new Set(
    roomJids.flatMap((jid) => {
      const roomId = localpartOf(jid);
      return roomId === undefined || domainOf(jid) !== mucService ? [] : [roomId];
    }),
  );
}
