/**
 * Watches, through the store, whether the tracker is alive: its report is read again and again,
 * and from a certain age on the picture counts as not followed since the tracker was last heard
 * of. What a tracker says that may not write tells why, and never that anybody follows the rooms.
 */
import { ConferenceError, type ServiceCapabilities } from '@conference/muc';
import type { RoomStore, WriterReport, WriterStatus } from '@conference/room-store';
import { delay, type Logger } from '@conference/service-runtime';

/** Two looks at one report differ by the way there and back; two reports by much more. */
const SAME_REPORT_MS = 250;

export interface TrackerWatchOptions {
  readonly store: Pick<RoomStore, 'mucService' | 'readWriterReport' | 'readWaitingReport'>;
  readonly logger: Logger;
  readonly intervalMs: number;
  /** The age from which on a report proves nothing. */
  readonly maxAgeMs: number;
  /** The time in ms since 1970. */
  readonly now: () => number;
}

export class TrackerWatch {
  #report: WriterReport | undefined;
  #waiting: WriterStatus | undefined;
  #reportedAtMs: number | undefined;
  #aliveAtMs: number | undefined;
  #capabilities: ServiceCapabilities | undefined;
  #problem: string | undefined = 'not looked for yet';
  readonly #startedAtMs: number;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(private readonly options: TrackerWatchOptions) {
    this.#startedAtMs = options.now();
  }

  /** The last report, however old; undefined before the first. */
  get report(): WriterReport | undefined {
    return this.#report;
  }

  /**
   * What a tracker says of itself that runs and may not write (yet); undefined while another one
   * does, and where there is none.
   */
  get waiting(): WriterStatus | undefined {
    const isUnheard = this.#report === undefined || this.silentSinceMs !== undefined;
    return isUnheard ? this.#waiting : undefined;
  }

  /**
   * What was told last of the MUC service itself. A tracker that starts while the service is away
   * knows nothing yet: then it is what the one before it told.
   */
  get capabilities(): ServiceCapabilities | undefined {
    return this.#capabilities;
  }

  /** When the tracker was last heard of, in ms since 1970; undefined while that is fresh. */
  get silentSinceMs(): number | undefined {
    const signs = [this.#reportedAtMs, this.#aliveAtMs].filter((atMs) => atMs !== undefined);
    const lastMs = signs.length === 0 ? this.#startedAtMs : Math.max(...signs);
    return this.options.now() - lastMs > this.options.maxAgeMs ? lastMs : undefined;
  }

  /** Why the tracker counts as away, as a sentence; undefined where it does not. */
  get problem(): string | undefined {
    const { silentSinceMs } = this;
    if (this.waiting !== undefined) {
      return 'it runs, but has not got the right to write yet, or has lost it';
    }
    if (this.#report !== undefined && silentSinceMs === undefined) {
      return undefined;
    }
    return silentSinceMs === undefined || this.#report === undefined
      ? (this.#problem ?? 'it has not reported yet')
      : `it was last heard of at ${new Date(silentSinceMs).toISOString()}`;
  }

  /** The tracker has written something just now: a sign of life before its next report. */
  noteAlive(): void {
    this.#aliveAtMs = this.options.now();
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#look();
      await delay(this.options.intervalMs, signal);
    }
  }

  async #look(): Promise<void> {
    const { store, logger, now, maxAgeMs } = this.options;
    try {
      const report = await store.readWriterReport();
      const isFresh = report !== undefined && report.ageMs <= maxAgeMs;
      this.#waiting = isFresh ? undefined : await store.readWaitingReport();
      if (!report) {
        this.#problem = 'it has never reported';
        return;
      }
      const reportedAtMs = now() - report.ageMs;
      if (reportedAtMs > (this.#reportedAtMs ?? 0) + SAME_REPORT_MS) {
        this.#reportedAtMs = reportedAtMs;
      }
      this.#report = report;
      this.#capabilities = report.capabilities ?? this.#capabilities;
      this.#problem = undefined;
    } catch (err) {
      this.#waiting = undefined;
      const reason = err instanceof ConferenceError ? err.message : 'its report cannot be read';
      if (reason !== this.#problem) {
        logger.warn({ err }, "the tracker's report cannot be read");
      }
      this.#problem = reason;
    }
  }
}
