/**
 * Lets everything else have its turn while a server sends without end. Node reads what has come
 * piece by piece without looking at anything else: to a tracker that has fallen behind, megabytes.
 */

/** After so much reading at a stretch, in ms, timers, answers of the store and the like come first. */
const STRETCH_MS = 10;

export class ReadingTurns {
  #startedMs: number | undefined;
  #isPaused = false;

  /** @param monotonicMs a clock that nobody sets, in ms */
  constructor(
    private readonly socket: { pause(): unknown; resume(): unknown },
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {}

  /** Before a piece is read. */
  begin(): void {
    if (this.#startedMs !== undefined) return;
    this.#startedMs = this.monotonicMs();
    setImmediate(() => this.#nextTurn());
  }

  /** After a piece was read. */
  end(): void {
    if (this.#isPaused || this.#startedMs === undefined) return;
    if (this.monotonicMs() - this.#startedMs < STRETCH_MS) return;
    this.#isPaused = true;
    this.socket.pause();
  }

  #nextTurn(): void {
    this.#startedMs = undefined;
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.socket.resume();
  }
}
