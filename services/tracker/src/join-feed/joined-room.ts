/**
 * One room that is followed by being in it, from the first question to the end. Everything it
 * learns goes into the same Room: while the room is read, silently; afterwards as events.
 */
import { applyRoomEvent, Room } from '@conference/muc';
import type { PresentRole, RoomEvent } from '@conference/muc';
import { STATUS } from '@conference/muc-stanza';
import type {
  AvailablePresence,
  RoomMessage,
  RoomPresence,
  UnavailablePresence,
} from '@conference/muc-stanza';
import { Abandonment } from './abandonment.js';
import { AffiliationWatch } from './affiliation-watch.js';
import { detachEvent } from './detached-event.js';
import type { JoinedRoomListener, RoomEnd } from './joined-room-listener.js';
import { OtherOccupants } from './other-occupants.js';
import { OwnOccupant } from './own-occupant.js';
import type { ServiceSight } from './shared-nicks.js';

export class JoinedRoom {
  readonly room: Room;
  /** Everybody in it but trackers. `endIfAbandoned` is to be called after its lists are read. */
  readonly others: OtherOccupants;
  #phase: 'reading' | 'live' | 'leaving' | 'ended' = 'reading';
  #isIn = false;
  #mayBeIn = false;
  #wentOnWhileLeaving = false;
  readonly #own: OwnOccupant;
  readonly #affiliations: AffiliationWatch;
  readonly #abandonment: Abandonment;

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
    this.others = new OtherOccupants(
      this.room,
      {
        onEvent: (event) => this.#tell(event),
        onDeparture: (gone, isInDoubt) => this.#depart(gone, isInDoubt),
        onShown: (occupant, previous) => {
          if (!this.others.isJoining) this.#affiliations.compare(occupant, previous, this.isLive);
        },
        onSharedDeparture: (nick) => this.listener.onSharedDeparture(nick),
      },
      sight,
      {
        isTracker: (bareJid) => this.#own.isJid(bareJid),
        onTrackersListed: (listed, told) => this.#own.listTrackers(listed, told),
      },
    );
    this.#abandonment = new Abandonment(this.room, this.#own);
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

  /** Whether we have asked to be let in and do not know that we are out. */
  get mayBeIn(): boolean {
    return this.#mayBeIn;
  }

  get isLive(): boolean {
    return this.#phase === 'live';
  }

  /** Whether somebody came in, or configured the room, after we had said that we leave. */
  get wentOnWhileLeaving(): boolean {
    return this.#wentOnWhileLeaving;
  }

  /** From now on the presences shown until our own make the list of who is in. */
  beginJoin(nick: string): void {
    this.#own.nick = nick;
    this.#mayBeIn = true;
    this.others.beginJoin();
  }

  /** The room was read whole and handed over: from now on it tells events. */
  goLive(): void {
    this.#phase = 'live';
    this.others.beginTelling();
    this.#affiliations.compareAll();
    if (this.#own.isDemoted) this.#finish('demoted');
  }

  /** Roles of which presences tell nothing, so that the lists must be asked again and again. */
  get hiddenRoles(): readonly PresentRole[] {
    return this.room.configuration.hiddenRoles ?? [];
  }

  /** How many the room would have to count, with us and other trackers. */
  get counted(): number {
    return this.room.occupants.size + this.#own.otherTrackers + 1;
  }

  /** Hidden people are known again: an empty temporary room may end. */
  endIfAbandoned(): void {
    if (this.#phase === 'live' && this.isAbandoned) this.#finish('abandoned');
  }

  /** Whether only we keep a temporary room alive. */
  get isAbandoned(): boolean {
    return this.#abandonment.isComplete;
  }

  /** Whether no departure is held back and no configuration is being read. */
  get isSettled(): boolean {
    return !this.#abandonment.isReading && !this.others.isHolding;
  }

  /** Whether a temporary room would be over, were it not for another tracker that is still in. */
  get isHindered(): boolean {
    return this.isLive && this.#abandonment.isHindered;
  }

  /** Whether another tracker is in under this nick, one that died or hangs. */
  isOtherTracker(nick: string): boolean {
    return this.#own.isOtherTracker(nick);
  }

  /** We are about to leave; what is said until then counts no more. */
  beginLeaving(): void {
    this.#phase = 'leaving';
    this.others.dropHeld();
  }

  /** Nothing of this room counts any more. */
  end(): void {
    this.#phase = 'ended';
    this.others.dropHeld();
  }

  /** A list or a form was read; its place in the stream makes it true. */
  applyRead(event: RoomEvent): void {
    this.#tell(event);
  }

  beginConfigurationRead(): void {
    this.#abandonment.beginRead();
  }

  endConfigurationRead(): void {
    this.#abandonment.endRead();
    this.endIfAbandoned();
  }

  handleMessage(message: RoomMessage): void {
    if (this.#phase === 'leaving' && message.kind === 'configuration-changed')
      this.#wentOnWhileLeaving = true;
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
    if (presence.kind === 'available' || presence.kind === 'unavailable')
      this.others.listings.noteTold(presence.nick);
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
        if (this.#own.noteOtherTracker(presence)) this.#handleOtherTracker(presence.nick);
        else if (this.#own.isShownBy(presence)) this.#handleOwnPresence(presence);
        else this.#handleAvailable(presence);
        break;
      case 'unavailable':
        if (this.#own.forgetOtherTracker(presence.nick)) this.endIfAbandoned();
        else if (this.#own.isShownBy(presence)) this.#handleOwnDeparture(presence);
        else this.#handleUnavailable(presence);
        break;
    }
  }

  #handleOtherTracker(nick: string): void {
    if (this.#phase === 'leaving') this.#wentOnWhileLeaving = true;
    else this.listener.onOtherTracker(nick);
  }

  #handleOwnPresence(presence: AvailablePresence): void {
    if (!this.#own.takeOver(presence)) return;
    const nicks = this.others.endJoin();
    if (nicks !== undefined) {
      this.#isIn = true;
      this.#tell({ kind: 'occupants-confirmed', nicks });
      const wasCreated = presence.statusCodes.includes(STATUS.ROOM_CREATED);
      this.listener.onJoinAnswer({ kind: 'joined', wasCreated });
    }
    if (this.#own.isDemoted && this.isLive) this.#finish('demoted');
  }

  #handleOwnDeparture(presence: UnavailablePresence): void {
    const end = this.#own.judgeDeparture(presence);
    if (end === 'stopping') this.others.holdOwnDeparture(() => this.#finish('lost'));
    else if (end !== undefined) this.#finish(end);
  }

  #handleAvailable(presence: AvailablePresence): void {
    if (this.#phase === 'leaving') this.#wentOnWhileLeaving = true;
    this.others.handleAvailable(presence);
  }

  #handleUnavailable(presence: UnavailablePresence): void {
    if (!presence.isDestroyed) {
      this.others.handleUnavailable(presence, this.hiddenRoles);
      return;
    }
    // Our own departure says it for the whole room. COMPAT(ejabberd 23.01): with neither 110 nor
    // a JID; joined-room-end.test shows it.
    if (presence.nick === this.nick) this.#finish('destroyed');
  }

  /**
   * Somebody is gone. The last one's going ends a temporary room, of which no zero is shown; unless
   * another tracker keeps it.
   */
  #depart(nick: string, isInDoubt: boolean): void {
    if (this.#phase === 'ended') return;
    if (isInDoubt && this.isLive) this.listener.onDoubtfulDeparture(nick);
    if (this.isLive && this.#abandonment.wouldFollow(nick)) this.#finish('abandoned');
    else this.#tell({ kind: 'occupant-left', nick });
  }

  #tell(event: RoomEvent): void {
    const own = detachEvent(event);
    if (own.kind === 'occupant-left') this.others.forget(own.nick);
    if (this.#phase === 'live') this.listener.onEvent(own);
    else if (this.#phase === 'reading') applyRoomEvent(this.room, own, this.now());
  }

  #finish(end: RoomEnd): void {
    this.#isIn = end === 'abandoned' || end === 'demoted';
    this.#mayBeIn = this.#isIn;
    this.others.dropHeld();
    this.listener.onEnd(end);
  }
}
