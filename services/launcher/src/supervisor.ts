/** Starts children in order, brings back those that die, stops all in order. */
import { ConferenceError } from '@conference/muc';
import { backoffDelayMs, delay } from '@conference/service-runtime';
import { Child, describeEnd, type Program } from './child.js';
import type { StateDir } from './state-dir.js';

export interface SupervisorTiming {
  /** The longest that a program may take until it is ready, in ms. */
  readonly readyTimeoutMs: number;
  readonly lookIntervalMs: number;
  readonly restartBackoff: { readonly initialMs: number; readonly maximumMs: number };
  /** A child that ran for this long has no history of deaths, in ms. */
  readonly stableAfterMs: number;
}

export const DEFAULT_TIMING: SupervisorTiming = {
  readyTimeoutMs: 60_000,
  lookIntervalMs: 50,
  restartBackoff: { initialMs: 500, maximumMs: 30_000 },
  stableAfterMs: 60_000,
};

/**
 * Until `start` has resolved, a child that dies is a failure of the whole: nothing good comes of
 * trying again. Afterwards it is brought back with backoff, whichever it is, since all programs
 * are made to stand each other's restarts.
 */
export class Supervisor {
  readonly #children: Child[] = [];
  readonly #stopping = new AbortController();
  #stopped: Promise<void> | undefined;

  constructor(
    private readonly dir: StateDir,
    private readonly say: (line: string) => void,
    private readonly timing: SupervisorTiming = DEFAULT_TIMING,
  ) {}

  /**
   * Starts one program and waits until it is ready, if it can tell.
   * Fails with `configuration-invalid` (a sentence with the child's own last words) when it ends
   * first, and with `timeout` when it is not ready in time.
   */
  async start(program: Program): Promise<void> {
    const child = new Child(program, this.dir);
    this.#children.push(child);
    if (program.whyNotReady !== undefined) {
      await this.#waitUntilReady(child, program.whyNotReady);
    }
  }

  /** From now on the death of a child is mended. */
  keepAlive(): void {
    for (const child of this.#children) {
      void this.#bringBackForEver(child);
    }
  }

  /** Stops all children, the last one started first. May be called twice. */
  stop(): Promise<void> {
    this.#stopping.abort();
    this.#stopped ??= this.#stopAll();
    return this.#stopped;
  }

  async #stopAll(): Promise<void> {
    for (const child of this.#children.toReversed()) {
      await child.stop();
    }
  }

  async #waitUntilReady(
    child: Child,
    whyNotReady: () => Promise<string | undefined>,
  ): Promise<void> {
    const { name } = child.program;
    const deadline = Date.now() + this.timing.readyTimeoutMs;
    for (;;) {
      const reason = await whyNotReady();
      if (this.#stopping.signal.aborted) {
        return;
      }
      // Only after the look: a port that answers though the child ended is somebody else's.
      this.#requireAllAlive();
      if (reason === undefined) {
        return;
      }
      if (Date.now() > deadline) {
        throw new ConferenceError(
          'timeout',
          `${name} was not ready after ${this.timing.readyTimeoutMs / 1000} s: ${reason}\n(its log: ${child.logFile})`,
        );
      }
      await delay(this.timing.lookIntervalMs, this.#stopping.signal);
    }
  }

  #requireAllAlive(): void {
    for (const child of this.#children) {
      const { program, end, logFile } = child;
      if (end !== undefined) {
        throw new ConferenceError(
          'configuration-invalid',
          `${program.name} ${describeEnd(end)} before all was ready: ${child.lastWords()}\n(all of it: ${logFile})`,
        );
      }
    }
  }

  async #bringBackForEver(first: Child): Promise<void> {
    const { name } = first.program;
    let child = first;
    let deaths = 0;
    for (;;) {
      const startedAtMs = Date.now();
      const end = await child.ended;
      if (this.#stopping.signal.aborted) {
        return;
      }
      deaths = Date.now() - startedAtMs > this.timing.stableAfterMs ? 1 : deaths + 1;
      const waitMs = backoffDelayMs(deaths - 1, this.timing.restartBackoff, Math.random());
      this.say(`${name} ${describeEnd(end)}; starting it again in ${waitMs} ms (${child.logFile})`);
      await delay(waitMs, this.#stopping.signal);
      if (this.#stopping.signal.aborted) {
        return;
      }
      const next = new Child(child.program, this.dir);
      this.#children[this.#children.indexOf(child)] = next;
      child = next;
    }
  }
}
