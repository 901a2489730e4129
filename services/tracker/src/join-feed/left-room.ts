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
  /** Others are in it. */
  | { readonly kind: 'remains' };

/**
 * Looks for a temporary room that was empty when we left it, so that it ended, unless somebody came
 * in before we were out. Fails as XmppConnection.request.
 */
export async function findAbandoned(requests: RoomRequests, joined: JoinedRoom): Promise<LeftRoom> {
  const existence = await probe(requests, joined.room.roomId);
  if (existence.kind === 'absent') return { kind: 'gone', isTombstone: existence.isTombstone };
  return joined.hasComeWhileLeaving ? { kind: 'remains' } : { kind: 'replaced' };
}

/**
 * Destroys a room that our own join made a moment after it had ended, where nobody else has come.
 * Fails as XmppConnection.request.
 * @param isWanted asked before it is destroyed; where it says no, nothing more is done
 */
export async function undoCreation(
  requests: RoomRequests,
  roomId: string,
  isWanted: () => boolean,
): Promise<LeftRoom> {
  const { ownJid, mucService } = requests.options;
  const existence = await probe(requests, roomId);
  if (existence.kind === 'exists' && existence.info.occupants !== 0) return { kind: 'remains' };
  if (existence.kind === 'exists' && isWanted()) {
    const iq = buildDestroyRequest(ownJid, roomJid(roomId, mucService));
    await requests.ask(iq, () => undefined);
  }
  return { kind: 'gone', isTombstone: false };
}
