/** What becomes of a room that we were the last one in, once we have left it. */
import { roomJid } from '@conference/muc';
import { buildDestroyRequest } from '@conference/muc-stanza';
import type { RoomRequests } from '../room-requests.js';
import type { JoinedRoom } from './joined-room.js';
import { probe } from './room-reader.js';

export type LeftRoom =
  | { readonly kind: 'gone'; readonly isTombstone: boolean }
  /** It ended, and what is there now is another room of the same name. */
  | { readonly kind: 'replaced' }
  /** Others are in it, or have made it persistent. */
  | { readonly kind: 'remains' };

/**
 * Finds out what became of a room that we left. Fails as XmppConnection.request.
 * @param isWanted asked before anything is done to the room; where it says no, nothing more is done
 */
export type FindLeftRoom = (
  requests: RoomRequests,
  joined: JoinedRoom,
  isWanted: () => boolean,
) => Promise<LeftRoom>;

/**
 * Looks for a temporary room that was empty when we left it, so that it ended, unless somebody came
 * in before we were out. Fails as XmppConnection.request.
 */
export const findAbandoned: FindLeftRoom = async (requests, joined) => {
  const existence = await probe(requests, joined.room.roomId);
  if (existence.kind === 'absent') return { kind: 'gone', isTombstone: existence.isTombstone };
  return joined.wentOnWhileLeaving ? { kind: 'remains' } : { kind: 'replaced' };
};

/**
 * Destroys a room that our own join made a moment after it had ended, where nobody else has come:
 * past all that waits, for whoever comes before would be thrown out.
 */
export const undoCreation: FindLeftRoom = async (requests, joined, isWanted) => {
  const { roomId } = joined.room;
  const existence = await probe(requests, roomId);
  if (existence.kind === 'exists' && existence.info.occupants !== 0) return { kind: 'remains' };
  if (existence.kind === 'exists' && isWanted()) await destroy(requests, roomId);
  return { kind: 'gone', isTombstone: false };
};

async function destroy(requests: RoomRequests, roomId: string): Promise<void> {
  const { ownJid, mucService } = requests.options;
  const iq = buildDestroyRequest(ownJid, roomJid(roomId, mucService));
  await requests.askAtOnce(iq, () => undefined);
}
