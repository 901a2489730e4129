/**
 * Ourselves in a room: which presences are ours, or another tracker's, under which nick, and with
 * what right to see.
 */
import { domainOf, type Occupant } from '@conference/muc';
import { STATUS } from '@conference/muc-stanza';
import type { AvailablePresence, UnavailablePresence } from '@conference/muc-stanza';
import { detachText } from './detached-event.js';
import { looksLikeServerStop } from './held-departures.js';

export class OwnOccupant {
  #wasModerator = false;
  #isDemoted = false;
  /** Nicks under which other trackers are in. */
  readonly #otherTrackers = new Set<string>();

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
  isShownBy({ statusCodes, item }: AvailablePresence | UnavailablePresence): boolean {
    return (
      statusCodes.includes(STATUS.SELF_PRESENCE) ||
      (item.bareJid !== undefined && this.isJid(item.bareJid))
    );
  }

  /** Whether a real JID is a tracker's. */
  isJid(bareJid: string): boolean {
    return this.trackerDomains.has(domainOf(bareJid));
  }

  /** Notes another tracker, one that died or hangs; false where it is none that is shown. */
  noteOtherTracker({ nick, item: { bareJid } }: AvailablePresence): boolean {
    const isOther = this.#isOther(bareJid);
    if (isOther) this.#otherTrackers.add(detachText(nick));
    else this.#otherTrackers.delete(nick);
    return isOther;
  }

  /**
   * Takes over which trackers are in by the room's role lists: of one that is hidden no presence
   * tells.
   * @param told nicks of which a presence has told since the lists were asked for
   */
  listTrackers(listed: readonly Occupant[], told: ReadonlySet<string>): void {
    for (const nick of [...this.#otherTrackers]) {
      if (!told.has(nick)) this.#otherTrackers.delete(nick);
    }
    for (const { nick, bareJid } of listed) {
      if (!told.has(nick) && this.#isOther(bareJid)) this.#otherTrackers.add(detachText(nick));
    }
  }

  #isOther(bareJid: string | undefined): boolean {
    return (
      bareJid !== undefined && this.isJid(bareJid) && domainOf(bareJid) !== domainOf(this.ownJid)
    );
  }

  /** Takes over our nick and role; false where it shows a ghost and not this session of ours. */
  takeOver(presence: AvailablePresence): boolean {
    if (!this.#isHereBy(presence)) return false;
    this.nick = detachText(presence.nick);
    this.#seeRole(presence.item.role);
    return true;
  }

  /**
   * What becomes of us by our own departure; `stopping` where it may be the server that stops,
   * undefined where it is a ghost that is gone, or only a nick of ours.
   */
  judgeDeparture(presence: UnavailablePresence): 'destroyed' | 'lost' | 'stopping' | undefined {
    const { nick, fullJids, isDestroyed, statusCodes } = presence;
    if (nick !== this.nick && !fullJids.includes(this.ownJid)) return undefined;
    if (isDestroyed) return 'destroyed';
    if (statusCodes.includes(STATUS.NICK_CHANGED)) return undefined;
    return looksLikeServerStop(presence) ? 'stopping' : 'lost';
  }

  /** Nobody has this nick any more; false where no other tracker had it. */
  forgetOtherTracker(nick: string): boolean {
    return this.#otherTrackers.delete(nick);
  }

  /** Whether another tracker is in under this nick. */
  isOtherTracker(nick: string): boolean {
    return this.#otherTrackers.has(nick);
  }

  /** How many other trackers are in, which one after the other died or hang. */
  get otherTrackers(): number {
    return this.#otherTrackers.size;
  }

  /** Whether it shows this session of ours, and no ghost. */
  #isHereBy({ statusCodes, fullJids }: AvailablePresence): boolean {
    return statusCodes.includes(STATUS.SELF_PRESENCE) || fullJids.includes(this.ownJid);
  }

  /**
   * Only a moderator is told real JIDs and the affiliations of absent people; somebody who was never
   * one will not become one by coming again.
   */
  #seeRole(role: AvailablePresence['item']['role']): void {
    const isModerator = role === 'moderator';
    this.#isDemoted = this.#wasModerator && !isModerator;
    this.#wasModerator ||= isModerator;
  }
}
