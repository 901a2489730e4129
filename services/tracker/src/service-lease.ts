/**
 * The lease of one MUC service: waited for, kept, and handed on. Of all trackers that could follow
 * the service the one that holds it does; the store decides who that is, and every write shows it.
 */
import { hasCode } from '@conference/muc';
import type { LeaseView, RoomStore, RoomWriter } from '@conference/room-store';
import { delay } from '@conference/service-runtime';
import type { Logger } from '@conference/service-runtime';
import { courtesyMs, isSurplus, othersAlive, untilNextLookMs } from './lease-decisions.js';

export interface ServiceLeaseOptions {
  readonly store: Pick<RoomStore, 'openWriter' | 'announceTracker' | 'readLease'>;
  /** Our component's domain. */
  readonly tracker: string;
  /** Names this process. */
  readonly instance: string;
  readonly leaseMs: number;
  /** How many services this tracker follows now. */
  readonly followed: () => number;
  /** Told of every tracker of this service, our own included, whenever they are looked up. */
  readonly onTrackers: (domains: readonly string[]) => void;
  readonly logger: Logger;
  /** A clock that nobody sets, in ms. */
  readonly monotonicMs: () => number;
}

/** Why a lease was held no longer. */
export type LeaseEnd =
  /** Another writer took over. */
  | 'fenced'
  /** Another tracker follows fewer services. */
  | 'surplus'
  /** Our XMPP connection stays away, and there is another tracker. */
  | 'unreachable'
  /** We stop. */
  | 'stopped';

export interface KeepOptions {
  /** Aborts when we stop, or when a write found that another tracker took over. */
  readonly signal: AbortSignal;
  /** For how long the XMPP connection has been away, in ms; 0 while it is up. */
  readonly offlineMs: () => number;
}

/** Looks at a lease per its length while we wait for it; and renewals of one that we hold. */
const LOOKS = 12;
const RENEWALS = 3;
/** How long another must have less to do before we hand a service on. */
const SURPLUS_MS = 5_000;
/** How long the XMPP connection may be away before we hand our services on. */
const OFFLINE_MS = 10_000;

export class ServiceLease {
  #reason: string | undefined = 'the XMPP connection has not been up yet';
  #isAccepted = false;
  #seenEpoch = 0;
  #view: LeaseView | undefined;
  #notedHolder: string | undefined;

  constructor(private readonly options: ServiceLeaseOptions) {}

  /** Why we do not hold the lease, as a sentence. */
  get reason(): string {
    return this.#reason ?? 'the lease has been held until now';
  }

  /** The XMPP server has just accepted us, and with that nobody else under our domain. */
  noteAccepted(): void {
    this.#isAccepted = true;
  }

  /** Waits for the lease and takes it; undefined when the signal aborts first. */
  async claim(signal: AbortSignal): Promise<RoomWriter | undefined> {
    const { leaseMs, logger } = this.options;
    const pollMs = leaseMs / LOOKS;
    const since: Since = { freeMs: undefined, lostMs: undefined };
    let isWarned = false;
    while (!signal.aborted) {
      let pauseMs = pollMs;
      try {
        const writer = await this.#tryToClaim(since, pollMs);
        if (writer !== undefined) {
          this.#reason = undefined;
          this.#notedHolder = undefined;
          return writer;
        }
        pauseMs = untilNextLookMs(this.#view, pollMs);
      } catch (err) {
        this.#reason = err instanceof Error ? err.message : String(err);
        if (!hasCode(err, 'lease-held') && !isWarned) {
          logger.warn({ err }, 'the store does not give the lease; trying again');
          isWarned = true;
        }
      }
      await delay(pauseMs, signal);
    }
    return undefined;
  }

  /** Holds the lease until it is lost or better handed on. Never rejects. */
  async keep(writer: RoomWriter, { signal, offlineMs }: KeepOptions): Promise<LeaseEnd> {
    const { leaseMs, logger, monotonicMs, followed } = this.options;
    let surplusSinceMs: number | undefined;
    let isWarned = false;
    for (;;) {
      await delay(leaseMs / RENEWALS, signal);
      if (signal.aborted) return 'stopped';
      try {
        await writer.renewLease();
        await this.#look(offlineMs() === 0);
        isWarned = false;
      } catch (err) {
        if (hasCode(err, 'writer-fenced')) return 'fenced';
        const level = isWarned ? 'debug' : 'warn';
        logger[level]({ err }, 'the lease could not be renewed; trying again');
        isWarned = true;
        continue;
      }
      const others = this.#others;
      if (others.length > 0 && offlineMs() >= OFFLINE_MS) return 'unreachable';
      if (!isSurplus(others, followed())) surplusSinceMs = undefined;
      else if (monotonicMs() - (surplusSinceMs ??= monotonicMs()) >= SURPLUS_MS) return 'surplus';
    }
  }

  get #others(): LeaseView['trackers'] {
    const { tracker, leaseMs } = this.options;
    return this.#view === undefined ? [] : othersAlive(this.#view, tracker, leaseMs);
  }

  async #tryToClaim(since: Since, pollMs: number): Promise<RoomWriter | undefined> {
    const { store, tracker, instance, leaseMs, followed, monotonicMs } = this.options;
    const { holder, epoch } = await this.#look(true);
    const isSuccessor = this.#isAccepted;
    this.#isAccepted = false;
    const isOurs = holder?.tracker === tracker && (isSuccessor || holder.instance === instance);
    if (holder !== undefined && !isOurs) {
      since.freeMs = undefined;
      this.#reason = `${holder.tracker} follows it; this tracker stands by`;
      this.#noteHolder(holder.tracker);
      return undefined;
    }
    // What the last writer wrote is lost: it knows dates that nobody else does, so it goes first.
    if (epoch >= this.#seenEpoch) since.lostMs = undefined;
    else since.lostMs ??= monotonicMs();
    if (since.lostMs !== undefined && monotonicMs() - since.lostMs < leaseMs) {
      this.#reason = 'the store has lost everything, and the tracker that wrote it may write first';
      return undefined;
    }
    since.freeMs ??= monotonicMs();
    if (!isOurs && monotonicMs() - since.freeMs < courtesyMs(this.#others, followed(), pollMs)) {
      this.#reason = 'another tracker follows fewer services and may take this one first';
      return undefined;
    }
    const seenEpoch = since.lostMs === undefined ? this.#seenEpoch : 0;
    return store.openWriter({ tracker, instance, leaseMs, isSuccessor, seenEpoch });
  }

  /** Said once of each holder: operators wait for it before they stop another tracker. */
  #noteHolder(holder: string): void {
    if (this.#notedHolder === holder) return;
    this.#notedHolder = holder;
    this.options.logger.info({ holder }, 'standing by: another tracker follows the service');
  }

  /** Who is not connected could not take a service over: it does not say that it is there. */
  async #look(isConnected: boolean): Promise<LeaseView> {
    const { store, tracker, followed, onTrackers } = this.options;
    const view = isConnected
      ? await store.announceTracker({ tracker, followed: followed() })
      : await store.readLease();
    this.#view = view;
    if (view.holder !== undefined) this.#seenEpoch = Math.max(this.#seenEpoch, view.epoch);
    onTrackers(view.trackers.map((other) => other.tracker));
    return view;
  }
}

/** By the monotonic clock, in ms; undefined where it is not so. */
interface Since {
  /** Since when nobody else has held the lease. */
  freeMs: number | undefined;
  /** Since when the store has known no epoch so high as one that was seen before. */
  lostMs: number | undefined;
}
