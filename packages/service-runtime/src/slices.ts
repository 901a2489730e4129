/** Long work in slices, so that nobody who waits for this process waits long. */
import { setImmediate as nextTurn } from 'node:timers/promises';

const SLICE_MS = 10;

/** Measures the slices of one piece of work. */
export class Slices {
  #startedAtMs = performance.now();

  /** What to wait for before going on; undefined, which costs little, while the slice lasts. */
  pause(): Promise<void> | undefined {
    return performance.now() - this.#startedAtMs < SLICE_MS ? undefined : this.#next();
  }

  async #next(): Promise<void> {
    await nextTurn();
    this.#startedAtMs = performance.now();
  }
}
