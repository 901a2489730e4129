/**
 * Asks a joined room for everything that an administrator may ask, changing nothing: nobody in the
 * room notices. The subject cannot be asked for.
 */
import { domainOf, LISTED_AFFILIATIONS, PRESENT_ROLES } from '@conference/muc';
import type { Room } from '@conference/muc';
import type { RoomPart } from '../room-feed.js';
import { LONGEST_LIST, type RoomRequests } from '../room-requests.js';

/**
 * One question after another, so that they take one place among the requests under way. Fails as
 * XmppConnection.request.
 * @param isJudged asked at each answer; nothing is handed over once it says no
 */
export async function inspectRoom(
  room: Room,
  requests: RoomRequests,
  isJudged: () => boolean,
  onPart: (part: RoomPart) => void,
): Promise<void> {
  const { roomId } = room;
  const { trackerDomains } = requests.options;
  const hand = (part: RoomPart): void => {
    if (isJudged()) onPart(part);
  };
  if (room.occupants.size <= LONGEST_LIST) {
    for (const role of PRESENT_ROLES) {
      if (!isJudged()) return;
      await requests.roles(roomId, role, (listed) => {
        const occupants = listed.filter(
          ({ bareJid }) => bareJid === undefined || !trackerDomains.has(domainOf(bareJid)),
        );
        hand({ kind: 'role', role, occupants });
      });
    }
  }
  if (room.affiliations.size <= LONGEST_LIST) {
    for (const affiliation of LISTED_AFFILIATIONS) {
      if (!isJudged()) return;
      await requests.affiliations(roomId, affiliation, (bareJids) =>
        hand({ kind: 'affiliation', affiliation, bareJids }),
      );
    }
  }
  if (!isJudged()) return;
  await requests.configuration(roomId, ({ configuration }) =>
    hand({ kind: 'configuration', configuration }),
  );
}
