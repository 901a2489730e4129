/** How we come back into a room that we were thrown out of. */
import { delay, type Logger } from '@conference/service-runtime';
import { Losses } from './losses.js';

export interface ReturnsOptions {
  /** Thrown out again and again, we stay away for a while; and no more, when we are in again. */
  readonly onKeptOut: (isKeptOut: boolean) => void;
  readonly now: () => number;
  readonly random: () => number;
  readonly logger: Logger;
  /** Aborts with the session. */
  readonly signal: AbortSignal;
}

export class Returns {
  readonly #losses = new Losses();

  constructor(
    private readonly roomId: string,
    private readonly options: ReturnsOptions,
  ) {}

  /** Resolves when it is time to come back: at once the first time, later where that repeats. */
  async awaitReturn(): Promise<void> {
    const { now, random, signal, logger, onKeptOut } = this.options;
    const pauseMs = this.#losses.count(now(), random());
    if (pauseMs === 0) return;
    const loss = { roomId: this.roomId, repeats: this.#losses.repeats, pauseMs };
    logger.warn(loss, 'thrown out of a room again; staying away a while');
    onKeptOut(true);
    await delay(pauseMs, signal);
  }
}
