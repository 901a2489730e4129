/** The lease of the memory store; the same rules as in Redis. */
import { leaseHeld } from './lease-held.js';
import type { AnnouncedTracker, LeaseClaim, LeaseView } from './room-store.js';
import { TRACKER_REMEMBERED_MS } from './room-store.js';

export class MemoryLease {
  #held: { readonly claim: LeaseClaim; untilMs: number } | undefined;
  readonly #announced = new Map<string, { readonly followed: number; readonly atMs: number }>();

  constructor(private readonly clock: () => number) {}

  /** Takes the lease for a claim, or from whoever holds it; fails with `lease-held`. */
  take(claim: LeaseClaim | undefined, epoch: number): void {
    const holder = this.#holder;
    if (claim !== undefined) {
      const isOwn =
        holder?.tracker === claim.tracker &&
        (holder.instance === claim.instance || claim.isSuccessor === true);
      if (holder !== undefined && !isOwn) throw leaseHeld(holder.tracker);
      if (epoch < (claim.seenEpoch ?? 0)) throw leaseHeld(undefined);
    }
    this.#held = claim && { claim, untilMs: this.clock() + claim.leaseMs };
  }

  renew(claim: LeaseClaim | undefined): void {
    this.#held = claim && { claim, untilMs: this.clock() + claim.leaseMs };
  }

  release(claim: LeaseClaim | undefined): void {
    const holder = this.#holder;
    if (holder?.tracker === claim?.tracker && holder?.instance === claim?.instance) {
      this.#held = undefined;
    }
  }

  announce({ tracker, followed }: AnnouncedTracker): void {
    this.#announced.set(tracker, { followed, atMs: this.clock() });
  }

  view(epoch: number): LeaseView {
    const nowMs = this.clock();
    const trackers = [];
    for (const [name, entry] of this.#announced) {
      const ageMs = Math.max(0, nowMs - entry.atMs);
      if (ageMs > TRACKER_REMEMBERED_MS) this.#announced.delete(name);
      else trackers.push({ tracker: name, followed: entry.followed, ageMs });
    }
    const holder = this.#holder;
    const remainingMs = (this.#held?.untilMs ?? nowMs) - nowMs;
    return {
      epoch,
      holder: holder && { tracker: holder.tracker, instance: holder.instance, remainingMs },
      trackers,
    };
  }

  get #holder(): LeaseClaim | undefined {
    const held = this.#held;
    return held !== undefined && held.untilMs > this.clock() ? held.claim : undefined;
  }
}
