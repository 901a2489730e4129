/** Exponential backoff with a cap and jitter, as a pure function of attempt and chance. */

export interface BackoffOptions {
  readonly initialMs: number;
  readonly maximumMs: number;
}

/**
 * How long to wait before a retry.
 * @param attempt 0 for the first retry; reset to 0 once a connection proved stable.
 * @param chance a number in [0, 1): the delay lies between half of the full delay and all of it.
 */
export function backoffDelayMs(attempt: number, options: BackoffOptions, chance: number): number {
  const fullMs = Math.min(options.maximumMs, options.initialMs * 2 ** Math.min(attempt, 30));
  return Math.round(fullMs * (0.5 + chance / 2));
}
