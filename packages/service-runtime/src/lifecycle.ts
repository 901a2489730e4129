/** Ordered stop: every step runs, though one fails or hangs, and all ends by a deadline. */
import { delay } from './delay.js';
import type { Logger } from './logger.js';

export interface StopStep {
  readonly name: string;
  readonly stop: () => Promise<void> | void;
}

/**
 * Collects what must be stopped, in the order of starting; stops in the reverse order.
 * `stop()` may be called twice and is then the same stop.
 */
export class Lifecycle {
  readonly #steps: StopStep[] = [];
  #stopping: Promise<void> | undefined;

  constructor(
    private readonly logger: Logger,
    /** The longest that one step may take, in ms. */
    private readonly stepTimeoutMs: number,
  ) {}

  /** Registers what to do at the stop; the last registered is stopped first. */
  onStop(name: string, stop: StopStep['stop']): void {
    this.#steps.push({ name, stop });
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#runSteps();
    return this.#stopping;
  }

  async #runSteps(): Promise<void> {
    for (const step of this.#steps.toReversed()) {
      const isOver = new AbortController();
      try {
        await Promise.race([
          Promise.resolve(step.stop()),
          delay(this.stepTimeoutMs, isOver.signal).then(() => {
            if (!isOver.signal.aborted) {
              this.logger.warn({ step: step.name }, 'stopping this took too long; going on');
            }
          }),
        ]);
      } catch (err) {
        this.logger.error({ err, step: step.name }, 'stopping this failed; going on');
      } finally {
        isOver.abort();
      }
    }
  }
}
