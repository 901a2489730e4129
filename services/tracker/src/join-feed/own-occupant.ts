/** Ourselves in a room: which presences are ours, under which nick, and with what right to see. */
import { domainOf } from '@conference/muc';
import { STATUS } from '@conference/muc-stanza';
import type { RoomPresence } from '@conference/muc-stanza';

type Available = Extract<RoomPresence, { kind: 'available' }>;
type Unavailable = Extract<RoomPresence, { kind: 'unavailable' }>;

export class OwnOccupant {
  #wasModerator = false;
  #isDemoted = false;

  constructor(
    private readonly ownJid: string,
    /** Our nick in this room, as the server knows it. */
    public nick: string,
  ) {}

  /** Whether we were told real JIDs and absent people's affiliations, and are no more. */
  get isDemoted(): boolean {
    return this.#isDemoted;
  }

  /** Ours is what carries 110 and every JID in our own domain, ghosts of earlier links included. */
  isShownBy({ statusCodes, item }: Available | Unavailable): boolean {
    return (
      statusCodes.includes(STATUS.SELF_PRESENCE) ||
      (item.bareJid !== undefined && this.isJid(item.bareJid))
    );
  }

  /** Whether a real JID is ours. */
  isJid(bareJid: string): boolean {
    return domainOf(bareJid) === domainOf(this.ownJid);
  }

  /** Whether it shows this session of ours, and no ghost. */
  isHereBy({ statusCodes, fullJids }: Available): boolean {
    return statusCodes.includes(STATUS.SELF_PRESENCE) || fullJids.includes(this.ownJid);
  }

  /** Whether this session of ours is gone, and no ghost. */
  isGoneBy({ nick, fullJids }: Unavailable): boolean {
    return nick === this.nick || fullJids.includes(this.ownJid);
  }

  /**
   * Takes over our role. Only a moderator is told real JIDs and the affiliations of absent people;
   * somebody who was never one will not become one by coming again.
   */
  seeRole(role: Available['item']['role']): void {
    const isModerator = role === 'moderator';
    this.#isDemoted = this.#wasModerator && !isModerator;
    this.#wasModerator ||= isModerator;
  }
}
