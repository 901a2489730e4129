/**
 * Asks for people of whose coming, changing or going a room tells nothing: whom it hides, and who
 * shares a nick or may. With every look, and at once where a departure is in doubt.
 */
import { hasCode, PRESENT_ROLES } from '@conference/muc';
import type { Occupant, PresentRole } from '@conference/muc';
import { backoffDelayMs } from '@conference/service-runtime';
import { LONGEST_LIST, type RoomRequests } from '../room-requests.js';
import type { JoinedRoom } from './joined-room.js';
import { isOutside } from './outside.js';
import { readAffiliations, readRoles } from './room-reader.js';

export interface UntoldPeopleOptions {
  readonly requests: RoomRequests;
  /** No list tells who is in: the room must be entered again. */
  readonly onFailure: (error: unknown) => void;
  /** What could not be asked is asked again. */
  readonly onRetry: (error: unknown) => void;
  /** A clock that nobody sets, in ms. */
  readonly monotonicMs: () => number;
  readonly random: () => number;
}

/** Lists of a room whose lists are long hold everything up: for this part of the time at most. */
const LONG_LISTS_SHARE = 0.01;
const RETRY = { initialMs: 500, maximumMs: 30_000 };

export class UntoldPeople {
  /** Doubts so far, and how many of them lists have settled. */
  #doubts = 0;
  #settledDoubts = 0;
  /** Whether affiliations may have changed unseen as well. */
  #isAllInDoubt = false;
  #running: Promise<void> | undefined;
  #failures = 0;
  /** Nothing is asked before these times, in ms: after a failure, after long lists. */
  #retryMs = Number.NEGATIVE_INFINITY;
  #restsUntilMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly joined: JoinedRoom,
    private readonly options: UntoldPeopleOptions,
  ) {}

  /** Whether somebody may be gone whom we take for present. */
  get isInDoubt(): boolean {
    return this.#doubts > this.#settledDoubts;
  }

  /** Whether only asking tells what happens. */
  get mustBeAsked(): boolean {
    const { hiddenRoles, others } = this.joined;
    return this.isInDoubt || hiddenRoles.length > 0 || others.sharing !== 'none';
  }

  /** A departure is told, or may be, that only lists can confirm. Never rejects. */
  async settleDoubt(): Promise<void> {
    this.#doubts += 1;
    await this.read();
  }

  /** Asks for whatever must be asked, once it is due. Never rejects. */
  read(): Promise<void> {
    this.#running ??= this.#read().finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** Asks for all that a configuration may have hidden until now. Fails as XmppConnection.request. */
  async readAll(): Promise<void> {
    if (this.#isResting) {
      this.#doubts += 1;
      this.#isAllInDoubt = true;
    } else await this.#readHidden(PRESENT_ROLES);
  }

  get #isResting(): boolean {
    return this.options.monotonicMs() < this.#restsUntilMs;
  }

  async #read(): Promise<void> {
    const { monotonicMs, random, onFailure, onRetry } = this.options;
    try {
      // A doubt that arises meanwhile is settled by asking once more.
      do {
        if (this.#isResting || monotonicMs() < this.#retryMs) return;
        await this.#readOnce();
      } while (this.isInDoubt);
      this.#failures = 0;
    } catch (error) {
      if (isOutside(error) || (this.isInDoubt && hasNoLists(error))) {
        onFailure(error);
        return;
      }
      this.#retryMs = monotonicMs() + backoffDelayMs(this.#failures, RETRY, random());
      this.#failures += 1;
      onRetry(error);
    }
  }

  /** Where all that we know is that a nick is shared, how many are in is asked first. */
  async #readOnce(): Promise<void> {
    const { joined } = this;
    const hiddenRoles = this.#isAllInDoubt ? PRESENT_ROLES : joined.hiddenRoles;
    if (hiddenRoles.length > 0) await this.#readHidden(hiddenRoles);
    const { sharing } = joined.others;
    const isEverybodyListed = hiddenRoles.length === PRESENT_ROLES.length || sharing === 'none';
    if (isEverybodyListed && !this.isInDoubt) return;
    if (this.isInDoubt || sharing !== 'some' || (await this.#isCountedOtherwise())) {
      await this.#readEverybody();
    }
  }

  /** Neither that hidden people are there nor what becomes of their affiliations is told. */
  async #readHidden(roles: readonly PresentRole[]): Promise<void> {
    const { joined, options } = this;
    await this.#restAfter(async () => {
      if (roles.length === PRESENT_ROLES.length) await this.#readEverybody();
      else await readRoles(joined, options.requests, roles);
      await readAffiliations(joined, options.requests);
    });
    this.#isAllInDoubt = false;
  }

  async #readEverybody(): Promise<void> {
    const { joined, options } = this;
    const { roomId } = joined.room;
    const doubts = this.#doubts;
    // By role: who was asked again may answer twice.
    const people = new Map<PresentRole, readonly Occupant[]>();
    const told = joined.others.listings.begin();
    try {
      await this.#restAfter(() =>
        Promise.all(
          PRESENT_ROLES.map((role) =>
            options.requests.roles(roomId, role, (listed) => void people.set(role, listed)),
          ),
        ),
      );
      joined.others.listings.end(told, [...people.values()].flat());
      this.#settledDoubts = doubts;
    } catch (error) {
      joined.others.listings.end(told);
      if (!hasNoLists(error)) throw error;
      joined.others.listings.giveUp();
      if (this.isInDoubt || joined.others.sharing !== 'none') throw error;
    }
    joined.endIfAbandoned();
  }

  async #restAfter(ask: () => Promise<unknown>): Promise<void> {
    const { monotonicMs } = this.options;
    const startedMs = monotonicMs();
    try {
      await ask();
    } finally {
      const { occupants, affiliations } = this.joined.room;
      const isLong = Math.max(occupants.size, affiliations.size) > LONGEST_LIST;
      const restMs = (monotonicMs() - startedMs) * (1 / LONG_LISTS_SHARE - 1);
      if (isLong) this.#restsUntilMs = monotonicMs() + restMs;
    }
  }

  /** Whether a room in which a nick is shared has more or fewer in it than we know of. */
  async #isCountedOtherwise(): Promise<boolean> {
    const { joined, options } = this;
    const { occupants = joined.counted } = await options.requests.roomInfo(joined.room.roomId);
    return occupants !== joined.counted;
  }
}

/** Whether it is a refusal that will not pass, and not because we are out of the room. */
function hasNoLists(error: unknown): boolean {
  return hasCode(error, 'stanza-error') && !error.isRetryable && !isOutside(error);
}
