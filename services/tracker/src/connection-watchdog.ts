/** Notices a server that went silent: a dead peer, a cut wire, a stopped process. */

export interface WatchdogOptions {
  readonly silenceMs: number;
  readonly timeoutMs: number;
  /** Provokes a sign of life. */
  readonly sendPing: () => void;
  /** No sign of life came in time. Called once at most. */
  readonly onDead: () => void;
}

/** Pings after a silence; any sign of life after the ping counts, its content does not matter. */
export class ConnectionWatchdog {
  #lastLifeMs = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;

  constructor(private readonly options: WatchdogOptions) {}

  start(): void {
    this.noteLife();
    this.#watch();
  }

  /** Cheap: to be called for every chunk of data. */
  noteLife(): void {
    this.#lastLifeMs = performance.now();
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
  }

  #watch(): void {
    const silentMs = performance.now() - this.#lastLifeMs;
    const restMs = this.options.silenceMs - silentMs;
    if (restMs > 0) {
      this.#timer = setTimeout(() => this.#watch(), Math.ceil(restMs));
      return;
    }
    const pingedAtMs = performance.now();
    this.options.sendPing();
    this.#timer = setTimeout(() => {
      // When this process itself was blocked, the answer lies unread in the socket: sockets are
      // read between timers and immediates.
      this.#immediate = setImmediate(() => this.#judge(pingedAtMs));
    }, this.options.timeoutMs);
  }

  #judge(pingedAtMs: number): void {
    if (this.#lastLifeMs >= pingedAtMs) {
      this.#watch();
    } else {
      this.options.onDead();
    }
  }
}
