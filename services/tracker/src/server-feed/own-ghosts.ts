/** Ghosts of ours, which are in rooms from when these were joined: who is fed is in none. */
import { roomJid } from '@conference/muc';
import { buildLeave, parseRoomPresence } from '@conference/muc-stanza';
import type { Logger } from '@conference/service-runtime';
import type { Element } from 'ltx';
import type { RoomRequests } from '../room-requests.js';

export class OwnGhosts {
  constructor(
    private readonly requests: RoomRequests,
    private readonly logger: Logger,
  ) {}

  /** A presence that shows somebody to us shows it to a ghost in the room, which leaves. */
  handlePresence(stanza: Element): void {
    const presence = parseRoomPresence(stanza);
    if (presence?.kind === 'available') this.leave(presence.roomId);
  }

  /** Leaves a room without waiting for the answer; a failure only shows in the log. */
  leave(roomId: string): void {
    const { connection, ownJid, mucService } = this.requests.options;
    // The server knows which occupant we are by our JID; the nick does not matter.
    const leave = buildLeave({
      from: ownJid,
      roomJid: roomJid(roomId, mucService),
      nick: 'conference',
    });
    connection.send(leave).catch((err: unknown) => {
      this.logger.debug({ err, roomId }, 'leaving a room as a ghost failed');
    });
  }
}
