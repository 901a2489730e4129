/** Everybody in a room but us: what presences say of who comes, changes and goes. */
import type { Occupant, PresentRole, Room, RoomEvent } from '@conference/muc';
import { STATUS } from '@conference/muc-stanza';
import type { AvailablePresence, UnavailablePresence } from '@conference/muc-stanza';
import { HeldDepartures, looksLikeServerStop, UNSAID_HOLD_MS } from './held-departures.js';
import { RoleListings, type RoleListingsListener } from './role-listings.js';
import { LONGEST_LIST } from '../room-requests.js';
import { SharedNicks, type ServiceSight } from './shared-nicks.js';

export interface OtherOccupantsListener {
  onEvent(event: RoomEvent): void;
  /** Somebody is gone, if the server does not stop within moments. */
  onDeparture(nick: string, isInDoubt: boolean): void;
  /** Somebody is shown; `previous` is how the same person was before, where that is known. */
  onShown(occupant: Occupant, previous: Occupant | undefined): void;
  /** The last session on a nick left, or one of several: only role lists tell which. */
  onSharedDeparture(nick: string): void;
}

/**
 * Whether people may be gone from a room, or have another role, without our being told: none of
 * them, where a nick is shared, where its sessions have different roles, or it is not known yet.
 */
export type Sharing = 'none' | 'some' | 'mixed' | 'unknown';

export class OtherOccupants {
  /** Nicks shown since our join was sent; undefined outside a join. */
  #shownSinceJoin: Set<string> | undefined;
  readonly #held = new HeldDepartures();
  readonly #sharedNicks: SharedNicks;
  /** The same people, by the room's role lists. */
  readonly listings: RoleListings;

  /** @param trackers whose real JIDs are no occupants' */
  constructor(
    private readonly room: Room,
    private readonly listener: OtherOccupantsListener,
    sight: ServiceSight,
    trackers: Pick<RoleListingsListener, 'isTracker' | 'onTrackersListed'>,
  ) {
    this.#sharedNicks = new SharedNicks(sight);
    this.listings = new RoleListings(room, this.#sharedNicks, {
      ...trackers,
      isHeld: (nick) => this.#held.has(nick),
      onListed: (occupant) => this.#show(occupant),
      onMissed: (nick) => listener.onDeparture(nick, true),
    });
  }

  /** Whether we are on our way in, so that not all have been shown. */
  get isJoining(): boolean {
    return this.#shownSinceJoin !== undefined;
  }

  /** Whether somebody's departure is not believed yet. */
  get isHolding(): boolean {
    return this.#held.size > 0;
  }

  /**
   * From now on the presences shown until our own make the list of who is in; also where the join is
   * sent again meanwhile.
   */
  beginJoin(): void {
    if (this.isJoining) return;
    this.#shownSinceJoin = new Set();
    this.#sharedNicks.forgetAll();
  }

  /** Our own presence ends the list; undefined where it was no answer to a join. */
  endJoin(): ReadonlySet<string> | undefined {
    const shown = this.#shownSinceJoin;
    this.#shownSinceJoin = undefined;
    return shown;
  }

  /** From now on what happens is told: who of those that are in shares a nick is to be found out. */
  beginTelling(): void {
    const { occupants } = this.room;
    if (occupants.size <= LONGEST_LIST) this.#sharedNicks.beginProof(occupants.keys());
  }

  handleAvailable({ nick, item, fullJids }: AvailablePresence): void {
    this.#held.drop(nick);
    this.#shownSinceJoin?.add(nick);
    this.#sharedNicks.see(nick, fullJids);
    if (item.role === 'none') return;
    const known = this.room.occupants.get(nick);
    if (known !== undefined && known.role !== item.role) this.#sharedNicks.seeOtherRole(nick);
    this.#show({
      nick,
      role: item.role,
      affiliation: item.affiliation,
      ...(item.bareJid === undefined ? {} : { bareJid: item.bareJid }),
    });
  }

  /** @param hiddenRoles roles of which presences tell nothing */
  handleUnavailable(presence: UnavailablePresence, hiddenRoles: readonly PresentRole[]): void {
    const { nick, item } = presence;
    const previous = this.room.occupants.get(nick);
    this.#shownSinceJoin?.delete(nick);
    if (presence.statusCodes.includes(STATUS.NICK_CHANGED) && item.nick !== undefined) {
      this.#shownSinceJoin?.add(item.nick);
      this.listings.noteTold(item.nick);
      const taken = this.room.occupants.get(item.nick);
      this.#sharedNicks.move(nick, item.nick);
      if (taken !== undefined && taken.role !== previous?.role) {
        this.#sharedNicks.seeOtherRole(item.nick);
      }
      if (previous === undefined) return;
      this.listener.onEvent({ kind: 'nick-changed', nick, newNick: item.nick });
      return;
    }
    if (previous === undefined) return;
    if (item.role !== 'none' && hiddenRoles.includes(item.role)) {
      // COMPAT(prosody 0.12): still there, in a role that the room hides; the case
      // presence/hidden-by-configuration shows it.
      const occupant = { ...previous, role: item.role };
      this.listener.onEvent({ kind: 'occupant-present', occupant });
      return;
    }
    this.#handleDeparture(presence);
    // COMPAT(prosody 0.12): no item at all where a session moves to a nick that its user holds
    // already; joined-room-events.test shows it.
    if (item.bareJid === undefined) return;
    this.listener.onShown({ ...previous, affiliation: item.affiliation }, previous);
  }

  /**
   * Whether people may be gone without our being told: known, or yet to be found out. Of one alone
   * everything is told, but that others hold the nick on.
   */
  get sharing(): Sharing {
    if (this.#sharedNicks.isUnproved && this.room.occupants.size > 1) return 'unknown';
    if (this.#sharedNicks.hasMixed) return 'mixed';
    return this.#sharedNicks.hasAny ? 'some' : 'none';
  }

  /** Somebody was told as gone. */
  forget(nick: string): void {
    this.#sharedNicks.forget(nick);
  }

  /** Runs a step later, unless `dropHeld` comes first: it may be the server that stops. */
  holdOwnDeparture(depart: () => void): void {
    this.#held.hold('', depart);
  }

  /** Departures that are still in doubt count no more. */
  dropHeld(): void {
    this.#held.dropAll();
  }

  #show(occupant: Occupant): void {
    const known = this.room.occupants.get(occupant.nick);
    if (known === undefined || !isSameOccupant(known, occupant)) {
      this.listener.onEvent({ kind: 'occupant-present', occupant });
    }
    this.listener.onShown(occupant, known?.bareJid === occupant.bareJid ? known : undefined);
  }

  #handleDeparture(presence: UnavailablePresence): void {
    const { nick } = presence;
    const { listener } = this;
    if (looksLikeServerStop(presence)) {
      this.#held.hold(nick, () => listener.onDeparture(nick, false));
    } else if (this.#sharedNicks.mayBeShared(nick)) {
      listener.onSharedDeparture(nick);
    } else if (presence.isUnsaid) {
      this.#held.hold(nick, () => listener.onDeparture(nick, true), UNSAID_HOLD_MS);
    } else {
      listener.onDeparture(nick, false);
    }
  }
}

function isSameOccupant(a: Occupant, b: Occupant): boolean {
  return a.role === b.role && a.affiliation === b.affiliation && a.bareJid === b.bareJid;
}
