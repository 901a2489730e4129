/** How often a room was lost within a short time, and for how long to stay away because of that. */
import { backoffDelayMs } from '@conference/service-runtime';

/** A loss this long after the last one is a first one again, in ms. */
const MEMORY_MS = 60_000;
/** The maximum bounds for how long the row of a room may be old that throws us out. */
const BACKOFF = { initialMs: 500, maximumMs: 5_000 };

export class Losses {
  #repeats = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** Losses that followed upon another soon; 0 where the last one was the first. */
  get repeats(): number {
    return this.#repeats;
  }

  /**
   * Counts a loss; returns the pause before coming back, in ms: none the first time, a longer one
   * each time after that.
   * @param nowMs ms since 1970
   * @param chance a number in [0, 1)
   */
  count(nowMs: number, chance: number): number {
    const isRepeated = nowMs - this.#lastMs < MEMORY_MS;
    this.#repeats = isRepeated ? this.#repeats + 1 : 0;
    this.#lastMs = nowMs;
    return isRepeated ? backoffDelayMs(this.#repeats - 1, BACKOFF, chance) : 0;
  }
}
