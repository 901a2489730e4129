/** How often a room is read that cannot be, and at what intervals. */
import { hasCode } from '@conference/muc';
import { backoffDelayMs } from '@conference/service-runtime';

/** A read that failed is repeated this often before the room counts as unreadable. */
const READ_ATTEMPTS = 5;
const READ_RETRY = { initialMs: 200, maximumMs: 5_000 };

/** What to do about a read that failed. */
export type NextAttempt =
  | { readonly kind: 'wait'; readonly pauseMs: number }
  /** It is given up. */
  | { readonly kind: 'unreadable'; readonly condition: string };

/**
 * @param attempt the number of the one that failed, from 0
 * @param chance a number in [0, 1)
 */
export function afterFailedReading(error: unknown, attempt: number, chance: number): NextAttempt {
  if (attempt + 1 < READ_ATTEMPTS) {
    return { kind: 'wait', pauseMs: backoffDelayMs(attempt, READ_RETRY, chance) };
  }
  return { kind: 'unreadable', condition: hasCode(error, 'timeout') ? 'timeout' : 'failed' };
}
