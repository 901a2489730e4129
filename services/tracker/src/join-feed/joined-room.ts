/**
 * One room that is followed by being in it, from the first question to the end. Everything it
 * learns goes into the same Room: while the room is read, silently; afterwards as events.
 */
import { applyRoomEvent, domainOf, Room } from '@conference/muc';
import type { Occupant, PresentRole, RoomEvent } from '@conference/muc';
import { STATUS } from '@conference/muc-stanza';
import type { RoomMessage, RoomPresence } from '@conference/muc-stanza';
import { AffiliationWatch } from './affiliation-watch.js';
import { detachEvent, detachText } from './detached-event.js';
import { HeldDepartures, looksLikeServerStop, UNSAID_HOLD_MS } from './held-departures.js';
import type { JoinedRoomListener, RoomEnd } from './joined-room-listener.js';
import { SharedNicks } from './shared-nicks.js';

type Available = Extract<RoomPresence, { kind: 'available' }>;
type Unavailable = Extract<RoomPresence, { kind: 'unavailable' }>;

export class JoinedRoom {
  readonly room: Room;
  /** Our nick in this room, as the server knows it. */
  nick: string;
  #phase: 'reading' | 'live' | 'leaving' | 'ended' = 'reading';
  /** Configuration reads under way: until they end it is not known whether the room may end. */
  #pendingConfigurationReads = 0;
  /** Nicks shown since our join was sent; undefined outside a join. */
  #shownSinceJoin: Set<string> | undefined;
  #isIn = false;
  #hasComeWhileLeaving = false;
  #wasModerator = false;
  #isDemoted = false;
  readonly #held = new HeldDepartures();
  readonly #sharedNicks = new SharedNicks();
  readonly #affiliations: AffiliationWatch;

  constructor(
    roomId: string,
    private readonly ownJid: string,
    nick: string,
    private readonly listener: JoinedRoomListener,
    private readonly now: () => number,
  ) {
    this.room = new Room(roomId, now());
    this.nick = nick;
    this.#affiliations = new AffiliationWatch(this.room, {
      onEvent: (event) => this.#tell(event),
      onDoubt: (lists) => this.listener.onDoubtfulAffiliations(lists),
    });
  }

  get isIn(): boolean {
    return this.#isIn;
  }

  get isLive(): boolean {
    return this.#phase === 'live';
  }

  /** Whether somebody came in after we had said that we leave. */
  get hasComeWhileLeaving(): boolean {
    return this.#hasComeWhileLeaving;
  }

  /** From now on the presences shown until our own make the list of who is in. */
  beginJoin(nick: string): void {
    this.nick = nick;
    this.#shownSinceJoin = new Set();
    this.#sharedNicks.forgetAll();
  }

  /** The room was read whole and handed over: from now on it tells events. */
  goLive(): void {
    this.#phase = 'live';
    for (const occupant of this.room.occupants.values())
      this.#compareAffiliation(occupant, undefined);
    if (this.#isDemoted) this.#finish('demoted');
  }

  /** Roles of which presences tell nothing, so that the lists must be asked again and again. */
  get hiddenRoles(): readonly PresentRole[] {
    return this.room.configuration.hiddenRoles ?? [];
  }

  /** Takes over who has a role that presences do not tell; its place in the stream makes it true. */
  applyRoleList(role: PresentRole, listed: readonly Occupant[]): void {
    const people = listed.filter(({ bareJid }) => bareJid === undefined || !this.#isOurs(bareJid));
    const nicks = new Set(people.map(({ nick }) => nick));
    for (const occupant of people) {
      const known = this.room.occupants.get(occupant.nick);
      if (known?.role !== role || !isSameOccupant(known, occupant)) {
        this.#tell({ kind: 'occupant-present', occupant });
      }
      this.#compareAffiliation(occupant, known?.bareJid === occupant.bareJid ? known : undefined);
    }
    for (const known of [...this.room.occupants.values()]) {
      if (known.role === role && !nicks.has(known.nick)) {
        this.#tell({ kind: 'occupant-left', nick: known.nick });
      }
    }
  }

  /** Hidden people are known again: an empty temporary room may end. */
  endIfAbandoned(): void {
    if (this.#phase === 'live' && this.isAbandoned) this.#finish('abandoned');
  }

  /** Whether only we keep a temporary room alive. */
  get isAbandoned(): boolean {
    return (
      this.room.isEmpty &&
      !this.room.configuration.isPersistent &&
      this.#pendingConfigurationReads === 0
    );
  }

  /** We are about to leave; what is said until then counts no more. */
  beginLeaving(): void {
    this.#phase = 'leaving';
    this.#held.dropAll();
  }

  /** Nothing of this room counts any more. */
  end(): void {
    this.#phase = 'ended';
    this.#held.dropAll();
  }

  /** A list or a form was read; its place in the stream makes it true. */
  applyRead(event: RoomEvent): void {
    this.#tell(event);
  }

  beginConfigurationRead(): void {
    this.#pendingConfigurationReads += 1;
  }

  endConfigurationRead(): void {
    this.#pendingConfigurationReads -= 1;
    this.endIfAbandoned();
  }

  handleMessage(message: RoomMessage): void {
    if (this.#phase === 'ended' || this.#phase === 'leaving') return;
    switch (message.kind) {
      case 'subject':
        if (message.subject !== this.room.subject) {
          this.#tell({ kind: 'subject-set', subject: message.subject });
        }
        break;
      case 'configuration-changed':
        this.#tell({ kind: 'configuration-changed' });
        this.listener.onConfigurationChanged();
        break;
      case 'affiliations':
        for (const change of message.changes)
          this.#affiliations.set(change.bareJid, change.affiliation);
        break;
    }
  }

  handlePresence(presence: RoomPresence): void {
    if (this.#phase === 'ended') return;
    switch (presence.kind) {
      case 'error':
        if (presence.nick === undefined || presence.nick === this.nick) {
          this.listener.onJoinAnswer({ kind: 'refused', condition: presence.condition });
        }
        break;
      case 'room-unavailable':
        if (presence.isDestroyed) this.#finish('destroyed');
        break;
      case 'available':
        if (this.#isOwn(presence)) this.#handleOwnPresence(presence);
        else this.#handleAvailable(presence);
        break;
      case 'unavailable':
        if (this.#isOwn(presence)) this.#handleOwnDeparture(presence);
        else this.#handleUnavailable(presence);
        break;
    }
  }

  /** Ours is what carries 110 and every JID in our own domain, ghosts of earlier links included. */
  #isOwn(presence: Available | Unavailable): boolean {
    return (
      presence.statusCodes.includes(STATUS.SELF_PRESENCE) ||
      (presence.item.bareJid !== undefined && this.#isOurs(presence.item.bareJid))
    );
  }

  #isOurs(bareJid: string): boolean {
    return domainOf(bareJid) === domainOf(this.ownJid);
  }

  #handleOwnPresence(presence: Available): void {
    const isThisSession =
      presence.statusCodes.includes(STATUS.SELF_PRESENCE) ||
      presence.fullJids.includes(this.ownJid);
    if (!isThisSession) return;
    this.nick = detachText(presence.nick);
    const shown = this.#shownSinceJoin;
    if (shown !== undefined) {
      this.#shownSinceJoin = undefined;
      this.#isIn = true;
      this.#tell({ kind: 'occupants-confirmed', nicks: shown });
      const wasCreated = presence.statusCodes.includes(STATUS.ROOM_CREATED);
      this.listener.onJoinAnswer({ kind: 'joined', wasCreated });
    }
    // Only a moderator is told real JIDs and the affiliations of absent people. Somebody who was
    // never one will not become one by coming again.
    const isModerator = presence.item.role === 'moderator';
    this.#isDemoted = this.#wasModerator && !isModerator;
    this.#wasModerator ||= isModerator;
    if (this.#isDemoted && this.isLive) this.#finish('demoted');
  }

  #handleOwnDeparture(presence: Unavailable): void {
    const isThisSession = presence.nick === this.nick || presence.fullJids.includes(this.ownJid);
    if (!isThisSession) return;
    if (presence.isDestroyed) this.#finish('destroyed');
    else if (presence.statusCodes.includes(STATUS.NICK_CHANGED)) return;
    else if (looksLikeServerStop(presence)) this.#held.hold('', () => this.#finish('lost'));
    else this.#finish('lost');
  }

  #handleAvailable(presence: Available): void {
    const { nick, item } = presence;
    this.#held.drop(nick);
    this.#shownSinceJoin?.add(nick);
    this.#sharedNicks.see(nick, presence.fullJids);
    if (this.#phase === 'leaving') this.#hasComeWhileLeaving = true;
    if (item.role === 'none') return;
    const occupant: Occupant = {
      nick,
      role: item.role,
      affiliation: item.affiliation,
      ...(item.bareJid === undefined ? {} : { bareJid: item.bareJid }),
    };
    const previous = this.room.occupants.get(nick);
    if (previous === undefined || !isSameOccupant(previous, occupant)) {
      this.#tell({ kind: 'occupant-present', occupant });
    }
    this.#compareAffiliation(
      occupant,
      previous?.bareJid === occupant.bareJid ? previous : undefined,
    );
  }

  #handleUnavailable(presence: Unavailable): void {
    const { nick, item } = presence;
    if (presence.isDestroyed) {
      // Our own departure says it for the whole room. COMPAT(ejabberd 23.01): with neither 110 nor
      // a JID; joined-room-end.test shows it.
      if (nick === this.nick) this.#finish('destroyed');
      return;
    }
    const previous = this.room.occupants.get(nick);
    this.#shownSinceJoin?.delete(nick);
    if (presence.statusCodes.includes(STATUS.NICK_CHANGED) && item.nick !== undefined) {
      this.#shownSinceJoin?.add(item.nick);
      this.#sharedNicks.move(nick, item.nick);
      if (previous !== undefined) this.#tell({ kind: 'nick-changed', nick, newNick: item.nick });
      return;
    }
    if (previous === undefined) return;
    if (item.role !== 'none' && this.hiddenRoles.includes(item.role)) {
      // COMPAT(prosody 0.12): still there, in a role that the room hides; the case
      // presence/hidden-by-configuration shows it.
      this.#tell({ kind: 'occupant-present', occupant: { ...previous, role: item.role } });
      return;
    }
    if (looksLikeServerStop(presence)) this.#held.hold(nick, () => this.#depart(nick));
    else if (this.#sharedNicks.isShared(nick)) this.listener.onDoubtfulRole(previous.role);
    else if (presence.isUnsaid) {
      this.#held.hold(nick, () => this.#departInDoubt(nick), UNSAID_HOLD_MS);
    } else this.#depart(nick);
    // COMPAT(prosody 0.12): no item at all where a session moves to a nick that its user holds
    // already; joined-room-events.test shows it.
    if (item.bareJid === undefined) return;
    this.#compareAffiliation({ ...previous, affiliation: item.affiliation }, previous);
  }

  #departInDoubt(nick: string): void {
    if (this.#phase === 'live') this.listener.onDoubtfulDeparture(nick);
    this.#depart(nick);
  }

  /** Somebody is gone; the last one's going ends a temporary room, and no zero is ever shown. */
  #depart(nick: string): void {
    if (this.#phase === 'ended') return;
    const isLast = this.room.occupants.size === 1 && this.room.occupants.has(nick);
    const mayEnd =
      !this.room.configuration.isPersistent &&
      this.#pendingConfigurationReads === 0 &&
      this.hiddenRoles.length === 0;
    if (this.#phase === 'live' && isLast && mayEnd) this.#finish('abandoned');
    else this.#tell({ kind: 'occupant-left', nick });
  }

  #compareAffiliation(occupant: Occupant, previous: Occupant | undefined): void {
    if (this.#shownSinceJoin !== undefined) return;
    if (previous !== undefined) this.#affiliations.compareChange(occupant, previous);
    // While the lists are being read they prove nothing; going live compares.
    else if (this.isLive) this.#affiliations.compareNewcomer(occupant);
  }

  #tell(event: RoomEvent): void {
    const own = detachEvent(event);
    if (own.kind === 'occupant-left') this.#sharedNicks.forget(own.nick);
    if (this.#phase === 'live') this.listener.onEvent(own);
    else if (this.#phase === 'reading') applyRoomEvent(this.room, own, this.now());
  }

  #finish(end: RoomEnd): void {
    this.#isIn = end === 'abandoned' || end === 'demoted';
    this.#held.dropAll();
    this.listener.onEnd(end);
  }
}

function isSameOccupant(a: Occupant, b: Occupant): boolean {
  return a.role === b.role && a.affiliation === b.affiliation && a.bareJid === b.bareJid;
}
