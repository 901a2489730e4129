/**
 * Ourselves in a room: which presences are ours, or another tracker's, under which nick, and with
 * what right to see.
 */
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
    /** The domains of all trackers, ours included. */
    private readonly trackerDomains: ReadonlySet<string>,
    /** Our nick in this room, as the server knows it. */
    public nick: string,
  ) {}

  /** Whether we were told real JIDs and absent people's affiliations, and are no more. */
  get isDemoted(): boolean {
    return this.#isDemoted;
  }

  /**
   * Ours is what carries 110 and every JID in a tracker's domain: ghosts of earlier links, and
   * other trackers, which no more count than we do.
   */
  isShownBy({ statusCodes, item }: Available | Unavailable): boolean {
    return (
      statusCodes.includes(STATUS.SELF_PRESENCE) ||
      (item.bareJid !== undefined && this.isJid(item.bareJid))
    );
  }

  /** Whether a real JID is a tracker's. */
  isJid(bareJid: string): boolean {
    return this.trackerDomains.has(domainOf(bareJid));
  }

  /** Whether it shows another tracker: one that died or hangs, since one at a time follows. */
  isOtherTracker({ item }: Available): boolean {
    const { bareJid } = item;
    return (
      bareJid !== undefined && this.isJid(bareJid) && domainOf(bareJid) !== domainOf(this.ownJid)
    );
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
