/**
 * Writes the projection to the store: commits what changed within milliseconds, outlives every
 * fault of the store, and writes everything again when the store has lost it. One write at a time;
 * what happens meanwhile is gathered for the next.
 */
import { hasCode } from '@conference/muc';
import type {
  Commit,
  Picture,
  RoomStore,
  RoomWriter,
  Snapshot,
  WriterStatus,
} from '@conference/room-store';
import { backoffDelayMs, delay } from '@conference/service-runtime';
import type { Logger } from '@conference/service-runtime';
import { CommitQueue } from './commit-queue.js';
import type { Rooms } from './known-rooms.js';
import { ReportAttempts } from './report-attempts.js';
import type { TrackerMetrics } from './tracker-metrics.js';

export interface PublisherOptions {
  readonly store: Pick<RoomStore, 'readSnapshot'>;
  /** The right to write; nobody else uses it. */
  readonly writer: RoomWriter;
  /** Called once another writer has taken over: nothing is written any more. */
  readonly onFenced: () => void;
  /** The rooms as they are now. */
  readonly rooms: () => Rooms;
  /** Gets what the store holds, before anything is written. */
  readonly onStored: (stored: Pick<Snapshot, 'rows' | 'malformed'>) => void;
  /** Called when waiting for the next report would leave others with what is no longer true. */
  readonly onReportDue: () => void;
  /** How long events are gathered into one write, in ms. */
  readonly delayMs: number;
  readonly metrics: TrackerMetrics;
  readonly logger: Logger;
  readonly now: () => number;
  readonly random: () => number;
}

export type PublisherStatus =
  { readonly state: 'writing' } | { readonly state: 'waiting' | 'fenced'; readonly reason: string };

const CHANGES_PER_COMMIT = 500;
const CHECK_INTERVAL_MS = 1_000;
/** However long the store was away, it is found soon after its return. */
const RETRY = { initialMs: 50, maximumMs: 500 };

export class Publisher {
  readonly #queue = new CommitQueue();
  readonly #stop = new AbortController();
  readonly #reports: ReportAttempts;
  #picture: Picture = { state: 'loading' };
  #status: PublisherStatus = { state: 'waiting', reason: 'what is stored has not been read yet' };
  #running: Promise<void> | undefined;
  #wake: () => void = () => undefined;
  #isDraining = false;
  #isOver = false;

  constructor(private readonly options: PublisherOptions) {
    this.#reports = new ReportAttempts(options.logger);
  }

  get status(): PublisherStatus {
    return this.#status;
  }

  /** Begins to write, with what the store holds; once. */
  start(): void {
    this.#running ??= this.#writeUntilFenced();
  }

  put(roomId: string, isWhole: boolean): void {
    this.#queue.put(roomId, isWhole, this.options.now());
    this.#wake();
  }

  remove(roomId: string): void {
    this.#queue.remove(roomId, this.options.now());
    this.#wake();
  }

  /** Every room is to be written whole. */
  putEverything(): void {
    this.#queue.putEverything(this.options.rooms(), this.options.now());
    this.#wake();
  }

  setPicture(picture: Picture): void {
    this.#picture = picture;
    this.#queue.setPicture(picture);
    this.#wake();
  }

  /** Says that the tracker lives; a failure only shows in the log. */
  async report(status: WriterStatus): Promise<void> {
    if (this.#isOver) return;
    await this.#reports.send(
      () => this.options.writer.report(status),
      () => this.#status.state !== 'writing',
    );
  }

  /** Writes what is queued, if the store takes it by the deadline, and ends. */
  async stop(deadlineMs: number): Promise<void> {
    this.#isDraining = true;
    this.#wake();
    const isOver = new AbortController();
    await Promise.race([this.#running ?? Promise.resolve(), delay(deadlineMs, isOver.signal)]);
    isOver.abort();
    this.#stop.abort();
    await this.#running;
  }

  async #writeUntilFenced(): Promise<void> {
    const { signal } = this.#stop;
    await this.#persist(() => this.#readStored());
    while (!signal.aborted && !(this.#isDraining && this.#queue.isEmpty)) {
      if (this.#queue.isEmpty) await this.#untilWoken();
      if (!this.#isDraining) await delay(this.options.delayMs, signal);
      let commit: Commit | undefined;
      // The same one until it is done: the store knows by it what was made without an answer.
      await this.#persist(() => this.#commit((commit ??= this.#takeCommit())));
    }
    this.#isOver = true;
    this.#queue.clear();
  }

  async #readStored(): Promise<void> {
    const { store, onStored, onReportDue } = this.options;
    const snapshot = await store.readSnapshot();
    // Queued before what is stored was known, and about to be settled against that.
    this.#queue.clear();
    onStored(snapshot);
    this.#status = { state: 'writing' };
    onReportDue();
  }

  /** An empty commit changes nothing and finds out whether the store was flushed. */
  #takeCommit(): Commit {
    const { rooms, metrics } = this.options;
    try {
      const commit = this.#queue.take(rooms(), CHANGES_PER_COMMIT);
      metrics.setPublishQueue(this.#queue.size);
      return commit ?? { changes: [] };
    } catch (error) {
      // What had been taken is in no queue any more.
      this.#queueEverything();
      throw error;
    }
  }

  async #commit(commit: Commit): Promise<void> {
    const { writer, metrics, logger, onReportDue } = this.options;
    let isReset = false;
    try {
      await writer.commit(commit);
      if (commit.changes.length > 0) metrics.countCommit(commit.changes.length);
    } catch (error) {
      if (!hasCode(error, 'store-lost')) throw error;
      logger.warn({}, 'the store has lost what was written: writing it all again');
      await writer.reset();
      this.#queueEverything();
      isReset = true;
    }
    this.#status = { state: 'writing' };
    if (isReset || commit.picture !== undefined) onReportDue();
  }

  #queueEverything(): void {
    this.#queue.clear();
    this.#queue.putEverything(this.options.rooms(), this.options.now());
    this.#queue.setPicture(this.#picture);
  }

  /** Repeats what fails, with backoff, until it is done, we are stopped, or another one writes. */
  async #persist(attempt: () => Promise<void>): Promise<void> {
    const { signal } = this.#stop;
    const { logger, random } = this.options;
    for (let count = 0; !signal.aborted; count += 1) {
      try {
        await attempt();
        return;
      } catch (err) {
        if (hasCode(err, 'writer-fenced')) {
          this.#endFenced(err);
          return;
        }
        const reason = err instanceof Error ? err.message : String(err);
        if (count === 0) logger.warn({ err }, 'writing to the store failed; trying again');
        this.#status = { state: 'waiting', reason };
        await delay(backoffDelayMs(count, RETRY, random()), signal);
      }
    }
  }

  #endFenced(err: unknown): void {
    const reason = 'another tracker writes to this store';
    this.#status = { state: 'fenced', reason };
    this.options.logger.warn({ err }, `${reason}; this one has stopped writing`);
    this.#stop.abort();
    this.options.onFenced();
  }

  /** Until there is something to write, or it is time to see whether the store still holds all. */
  async #untilWoken(): Promise<void> {
    if (this.#isDraining) return;
    const woken = new AbortController();
    this.#wake = () => {
      // Once: each abort makes an exception with its stack, whoever has been aborted before.
      this.#wake = () => undefined;
      woken.abort();
    };
    await delay(CHECK_INTERVAL_MS, woken.signal, this.#stop.signal);
    this.#wake = () => undefined;
  }
}
