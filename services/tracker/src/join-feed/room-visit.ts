/** One stay in a room, from the first question to our being out. */
import { roomJid } from '@conference/muc';
import { buildKickRequest, buildLeave, buildPresence } from '@conference/muc-stanza';
import { delay } from '@conference/service-runtime';
import { JoinAnswers } from './join-answers.js';
import type { JoinOptions } from './join-options.js';
import { JoinedRoom } from './joined-room.js';
import type { RoomEnd } from './joined-room-listener.js';
import { readRoom } from './room-reader.js';
import type { ReadResult } from './room-reader.js';
import { RoomRereads } from './room-rereads.js';
import type { ServiceSight } from './shared-nicks.js';
import { UntoldPeople } from './untold-people.js';

export interface RoomVisitOptions extends JoinOptions {
  /** Aborts with the session. */
  readonly signal: AbortSignal;
  /** What the session has learnt of the service. */
  readonly sight: ServiceSight;
  /** Settles once every room has been read: what can wait leaves the server to that. */
  readonly allRead: Promise<void>;
}

export interface RoomVisitListener {
  /** The room can no longer be followed as it was; also when we are out after leaving. */
  onEnd(end: RoomEnd): void;
  /** Something of the room could not be asked, so that what is known of it may be wrong. */
  onAskingFailed(err: unknown): void;
}

export class RoomVisit {
  readonly joined: JoinedRoom;
  readonly rereads: RoomRereads;
  readonly people: UntoldPeople;
  readonly #answers: JoinAnswers;
  /** Until we leave, or the visit ends otherwise. */
  #isStaying = true;
  /** Set while leaving. */
  #out: AbortController | undefined;
  /** Other trackers that we have tried to put out. */
  readonly #putOutNicks = new Set<string>();

  constructor(
    private readonly roomId: string,
    private readonly options: RoomVisitOptions,
    visitListener: RoomVisitListener,
  ) {
    const { requests, listener, now, nick, logger } = options;
    const { ownJid, trackerDomains, timeoutMs, limit } = requests.options;
    this.#answers = new JoinAnswers(timeoutMs, limit);
    this.joined = new JoinedRoom(
      roomId,
      ownJid,
      trackerDomains,
      nick,
      {
        onEvent: (event) => listener.onRoomEvent(roomId, event),
        onDoubtfulDeparture: (nick) => listener.onDoubtfulDeparture(roomId, nick),
        onEnd: (end) => visitListener.onEnd(end),
        onJoinAnswer: (answer) => this.#answers.answer(answer),
        onConfigurationChanged: () => void this.rereads.readEverything(),
        onDoubtfulAffiliations: (lists) => void this.rereads.readLists(lists),
        onSharedDeparture: () => void this.people.settleDoubt(),
        onOtherTracker: (nick) => void this.#putOut(nick),
      },
      now,
      options.sight,
    );
    const onFailure = (err: unknown): void => visitListener.onAskingFailed(err);
    this.people = new UntoldPeople(this.joined, {
      requests,
      onFailure,
      onRetry: (err) => {
        if (!this.#isStaying) return;
        logger.warn({ err, roomId }, 'asking who is in a room failed; asking again');
      },
      monotonicMs: options.monotonicMs,
      random: options.random,
    });
    this.rereads = new RoomRereads(this.joined, requests, this.people, onFailure);
  }

  /** Whether the room shows everybody, and nothing is under way that may change what is known. */
  get isJudgeable(): boolean {
    const { joined, rereads, people } = this;
    const isHiding = joined.hiddenRoles.length > 0;
    return joined.isSettled && !isHiding && !rereads.isUnderWay && !people.isInDoubt;
  }

  /** Reads the room into `joined`; fails as XmppConnection.request. */
  read(): Promise<ReadResult> {
    const { requests, nick } = this.options;
    return readRoom(this.joined, {
      requests,
      nick,
      awaitJoinAnswer: (send) => this.#answers.await(send),
    });
  }

  /** Leaves; resolves when we are out, or by the deadline. Never rejects. */
  async leaveAndAwait(): Promise<void> {
    const { requests, signal } = this.options;
    this.#isStaying = false;
    this.joined.beginLeaving();
    const out = new AbortController();
    this.#out = out;
    await this.sendLeave();
    await delay(requests.options.timeoutMs, out.signal, signal);
  }

  /** Leaves without waiting for the answer. Never rejects. */
  async sendLeave(): Promise<void> {
    await this.#send(buildLeave);
  }

  /**
   * Says anew that we are in (XEP-0045, #changepres): whom that does not reach is taken out by the
   * server. COMPAT(ejabberd 23.01): lets no owner put another one out. Never rejects.
   */
  async sendPresence(): Promise<void> {
    await this.#send(buildPresence);
  }

  async #send(build: typeof buildPresence): Promise<void> {
    const { connection, ownJid, mucService } = this.options.requests.options;
    const { roomId } = this;
    const to = roomJid(roomId, mucService);
    try {
      await connection.send(build({ from: ownJid, roomJid: to, nick: this.joined.nick }));
    } catch (err) {
      this.options.logger.debug({ err, roomId }, 'a presence for a room could not be sent');
    }
  }

  /**
   * Puts out a tracker that followed the room before us and has not left it. Once: one that comes
   * again is not dead, and goes when it learns that we follow. Never rejects.
   */
  async #putOut(nick: string): Promise<void> {
    if (this.#putOutNicks.has(nick)) return;
    this.#putOutNicks.add(nick);
    const { roomId, options } = this;
    const { requests } = options;
    const { ownJid, mucService, limit } = requests.options;
    await options.allRead;
    const kick = buildKickRequest(ownJid, roomJid(roomId, mucService), nick);
    try {
      await limit(async () => {
        // It may be gone meanwhile, and its nick somebody else's.
        if (!this.#isStaying || !this.joined.isOtherTracker(nick)) return;
        await requests.askAtOnce(kick, () => undefined);
      });
    } catch (err) {
      options.logger.debug({ err, roomId }, 'another tracker could not be put out of a room');
    }
  }

  /** We are out, which ends the waiting for that. */
  noteOut(): void {
    this.#out?.abort();
  }

  /** Nothing of this visit counts any more. */
  end(): void {
    this.#isStaying = false;
    this.joined.end();
    this.#answers.fail();
    this.noteOut();
  }
}
