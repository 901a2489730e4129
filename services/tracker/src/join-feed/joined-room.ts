/**
 * One room that is followed by being in it, from the first question to the end. Everything it
 * learns goes into the same Room: while the room is read, silently; afterwards as events.
 */
import { applyRoomEvent, Room } from '@conference/muc';
import type { Occupant, PresentRole, RoomEvent } from '@conference/muc';
import { STATUS } from '@conference/muc-stanza';
import type { RoomMessage, RoomPresence } from '@conference/muc-stanza';
import { AffiliationWatch } from './affiliation-watch.js';
import { detachEvent, detachText } from './detached-event.js';
import { looksLikeServerStop } from './held-departures.js';
import type { JoinedRoomListener, RoomEnd } from './joined-room-listener.js';
import { OtherOccupants, type Sharing } from './other-occupants.js';
import { OwnOccupant } from './own-occupant.js';
import type { ServiceSight } from './shared-nicks.js';

type Available = Extract<RoomPresence, { kind: 'available' }>;
type Unavailable = Extract<RoomPresence, { kind: 'unavailable' }>;

export class JoinedRoom {
  readonly room: Room;
  #phase: 'reading' | 'live' | 'leaving' | 'ended' = 'reading';
  /** Configuration reads under way: until they end it is not known whether the room may end. */
  #pendingConfigurationReads = 0;
  #isIn = false;
  #hasComeWhileLeaving = false;
  readonly #own: OwnOccupant;
  /** Nicks under which other trackers are in. */
  readonly #otherTrackers = new Set<string>();
  readonly #others: OtherOccupants;
  readonly #affiliations: AffiliationWatch;

  constructor(
    roomId: string,
    ownJid: string,
    trackerDomains: ReadonlySet<string>,
    nick: string,
    private readonly listener: JoinedRoomListener,
    private readonly now: () => number,
    sight: ServiceSight,
  ) {
    this.room = new Room(roomId, now());
    this.#own = new OwnOccupant(ownJid, trackerDomains, nick);
    this.#others = new OtherOccupants(
      this.room,
      {
        onEvent: (event) => this.#tell(event),
        onDeparture: (gone, isInDoubt) => this.#depart(gone, isInDoubt),
        onShown: (occupant, previous) => this.#compareAffiliation(occupant, previous),
        onDoubtfulRole: (role) => this.listener.onDoubtfulRole(role),
      },
      sight,
    );
    this.#affiliations = new AffiliationWatch(this.room, {
      onEvent: (event) => this.#tell(event),
      onDoubt: (lists) => this.listener.onDoubtfulAffiliations(lists),
    });
  }

  /** Our nick in this room, as the server knows it. */
  get nick(): string {
    return this.#own.nick;
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
    this.#own.nick = nick;
    this.#others.beginJoin();
  }

  /** The room was read whole and handed over: from now on it tells events. */
  goLive(): void {
    this.#phase = 'live';
    this.#others.beginTelling();
    for (const occupant of this.room.occupants.values())
      this.#compareAffiliation(occupant, undefined);
    if (this.#own.isDemoted) this.#finish('demoted');
  }

  /** Roles of which presences tell nothing, so that the lists must be asked again and again. */
  get hiddenRoles(): readonly PresentRole[] {
    return this.room.configuration.hiddenRoles ?? [];
  }

  get sharing(): Sharing {
    return this.#others.sharing;
  }

  /** How many the room would have to count, with us and other trackers. */
  get counted(): number {
    return this.room.occupants.size + this.#otherTrackers.size + 1;
  }

  /**
   * Takes over who has a role that presences do not tell; its place in the stream makes it true.
   * @param listed one for each session
   */
  applyRoleList(role: PresentRole, listed: readonly Occupant[]): void {
    this.#others.applyRoleList(role, this.#withoutUs(listed));
  }

  #withoutUs(listed: readonly Occupant[]): Occupant[] {
    return listed.filter(({ bareJid }) => bareJid === undefined || !this.#own.isJid(bareJid));
  }

  /** As OtherOccupants. */
  beginListing(): ReadonlySet<string> {
    return this.#others.beginListing();
  }

  /** As OtherOccupants; nothing of a room counts that we are leaving. */
  endListing(told: ReadonlySet<string>, listed?: readonly Occupant[]): void {
    this.#others.endListing(told, listed && this.#withoutUs(listed));
    this.endIfAbandoned();
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

  /** Whether no departure is held back and no configuration is being read. */
  get isSettled(): boolean {
    return this.#pendingConfigurationReads === 0 && !this.#others.isHolding;
  }

  /** How many other trackers are in, which one after the other died or hang. */
  get otherTrackers(): number {
    return this.#otherTrackers.size;
  }

  /** We are about to leave; what is said until then counts no more. */
  beginLeaving(): void {
    this.#phase = 'leaving';
    this.#others.dropHeld();
  }

  /** Nothing of this room counts any more. */
  end(): void {
    this.#phase = 'ended';
    this.#others.dropHeld();
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
        if (this.#own.isOtherTracker(presence)) this.#handleOtherTracker(presence.nick);
        else if (this.#own.isShownBy(presence)) this.#handleOwnPresence(presence);
        else this.#handleAvailable(presence);
        break;
      case 'unavailable':
        this.#otherTrackers.delete(presence.nick);
        if (this.#own.isShownBy(presence)) this.#handleOwnDeparture(presence);
        else this.#handleUnavailable(presence);
        break;
    }
  }

  #handleOtherTracker(nick: string): void {
    this.#otherTrackers.add(detachText(nick));
    this.listener.onOtherTracker(nick);
  }

  #handleOwnPresence(presence: Available): void {
    if (!this.#own.isHereBy(presence)) return;
    this.#own.nick = detachText(presence.nick);
    const nicks = this.#others.endJoin();
    if (nicks !== undefined) {
      this.#isIn = true;
      this.#tell({ kind: 'occupants-confirmed', nicks });
      const wasCreated = presence.statusCodes.includes(STATUS.ROOM_CREATED);
      this.listener.onJoinAnswer({ kind: 'joined', wasCreated });
    }
    this.#own.seeRole(presence.item.role);
    if (this.#own.isDemoted && this.isLive) this.#finish('demoted');
  }

  #handleOwnDeparture(presence: Unavailable): void {
    if (!this.#own.isGoneBy(presence)) return;
    if (presence.isDestroyed) this.#finish('destroyed');
    else if (presence.statusCodes.includes(STATUS.NICK_CHANGED)) return;
    else if (looksLikeServerStop(presence)) {
      this.#others.holdOwnDeparture(() => this.#finish('lost'));
    } else this.#finish('lost');
  }

  #handleAvailable(presence: Available): void {
    if (this.#phase === 'leaving') this.#hasComeWhileLeaving = true;
    this.#others.handleAvailable(presence);
  }

  #handleUnavailable(presence: Unavailable): void {
    if (!presence.isDestroyed) {
      this.#others.handleUnavailable(presence, this.hiddenRoles);
      return;
    }
    // Our own departure says it for the whole room. COMPAT(ejabberd 23.01): with neither 110 nor
    // a JID; joined-room-end.test shows it.
    if (presence.nick === this.nick) this.#finish('destroyed');
  }

  /** Somebody is gone; the last one's going ends a temporary room, and no zero is ever shown. */
  #depart(nick: string, isInDoubt: boolean): void {
    if (this.#phase === 'ended') return;
    if (isInDoubt && this.isLive) this.listener.onDoubtfulDeparture(nick);
    const isLast = this.room.occupants.size === 1 && this.room.occupants.has(nick);
    const mayEnd =
      !this.room.configuration.isPersistent &&
      this.#pendingConfigurationReads === 0 &&
      this.hiddenRoles.length === 0;
    if (this.isLive && isLast && mayEnd) this.#finish('abandoned');
    else this.#tell({ kind: 'occupant-left', nick });
  }

  #compareAffiliation(occupant: Occupant, previous: Occupant | undefined): void {
    if (this.#others.isJoining) return;
    if (previous !== undefined) this.#affiliations.compareChange(occupant, previous);
    // While the lists are being read they prove nothing; going live compares.
    else if (this.isLive) this.#affiliations.compareNewcomer(occupant);
  }

  #tell(event: RoomEvent): void {
    const own = detachEvent(event);
    if (own.kind === 'occupant-left') this.#others.forget(own.nick);
    if (this.#phase === 'live') this.listener.onEvent(own);
    else if (this.#phase === 'reading') applyRoomEvent(this.room, own, this.now());
  }

  #finish(end: RoomEnd): void {
    this.#isIn = end === 'abandoned' || end === 'demoted';
    this.#others.dropHeld();
    this.listener.onEnd(end);
  }
}
