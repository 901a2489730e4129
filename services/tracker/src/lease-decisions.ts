/** When a tracker takes a lease, and when it hands one on: decided from what all of them say. */
import type { LeaseView } from '@conference/room-store';

/** The other trackers that said within the lease's time that they are there. */
export function othersAlive(
  { trackers }: LeaseView,
  own: string,
  leaseMs: number,
): LeaseView['trackers'] {
  return trackers.filter(({ tracker, ageMs }) => tracker !== own && ageMs <= leaseMs);
}

/**
 * How long a free lease is left to others that follow fewer services, in ms: so that services
 * spread over all trackers.
 */
export function courtesyMs(
  others: LeaseView['trackers'],
  followed: number,
  pollMs: number,
): number {
  const least = Math.min(followed, ...others.map((other) => other.followed));
  return (followed - least) * pollMs;
}

/** Until a waiting tracker looks again, in ms: a lease that nobody renews is taken as it ends. */
export function untilNextLookMs(view: LeaseView | undefined, pollMs: number): number {
  const remainingMs = view?.holder?.remainingMs ?? pollMs;
  // Negative where a lease does not end by itself.
  return remainingMs < 0 ? pollMs : Math.min(pollMs, remainingMs + 1);
}

/** Whether another tracker follows so much less that one service should be handed on to it. */
export function isSurplus(others: LeaseView['trackers'], followed: number): boolean {
  return others.some((other) => followed - other.followed >= 2);
}
