/** One MUC service: stands by until the lease is ours, then follows it, again and again. */
import type { DependencyStatus, RoomStore, RoomWriter, WriterStatus } from '@conference/room-store';
import { delay } from '@conference/service-runtime';
import type { Logger } from '@conference/service-runtime';
import type { Element } from 'ltx';
import { ReportAttempts } from './report-attempts.js';
import type { LeaseEnd, ServiceLease } from './service-lease.js';
import type { ServiceDescription } from './service-description.js';
import type { Tenure, TenureOptions } from './tenure.js';

export interface ServiceTrackerOptions {
  readonly store: RoomStore;
  readonly lease: ServiceLease;
  readonly createTenure: (options: Pick<TenureOptions, 'writer' | 'onFenced'>) => Tenure;
  readonly description: ServiceDescription;
  /** Called when a report should not wait for its time. */
  readonly onReportDue: () => void;
  readonly logger: Logger;
  /** A clock that nobody sets, in ms. */
  readonly monotonicMs: () => number;
}

const LONG_MS = 60_000;

export class ServiceTracker {
  readonly mucService: string;
  readonly #stop = new AbortController();
  readonly #reports: ReportAttempts;
  readonly #running: Promise<void>;
  #tenure: Tenure | undefined;
  /** Aborted while the XMPP connection is away. */
  #online = new AbortController();
  /** Aborted when the XMPP connection comes up. */
  #offline = new AbortController();
  #offlineSinceMs: number | undefined = 0;

  constructor(private readonly options: ServiceTrackerOptions) {
    this.mucService = options.store.mucService;
    this.#reports = new ReportAttempts(options.logger);
    this.#online.abort();
    this.#running = this.#run();
  }

  /** Whether it is we who follow the service. */
  get isFollowing(): boolean {
    return this.#tenure !== undefined;
  }

  onOnline(): void {
    const { lease, description } = this.options;
    this.#offlineSinceMs = undefined;
    this.#online = new AbortController();
    lease.noteAccepted();
    description.onOnline();
    this.#tenure?.onOnline();
    this.#offline.abort();
  }

  onOffline(): void {
    this.#offlineSinceMs = this.options.monotonicMs();
    this.#offline = new AbortController();
    this.#online.abort();
    this.options.description.onOffline();
    this.#tenure?.onOffline();
  }

  /** A presence or message whose sender lies in the MUC service's domain; never throws. */
  onStanza(stanza: Element): void {
    this.#tenure?.feed.onStanza(stanza);
  }

  /** What this service waits for, if anything. */
  readiness(): DependencyStatus[] {
    const { reason } = this.options.lease;
    return (
      this.#tenure?.readiness() ?? [{ name: `lease of ${this.mucService}`, isReady: false, reason }]
    );
  }

  /**
   * Says how we fare: as the one who follows the service, or as one who waits for it. A failure
   * only shows in the log.
   */
  async report(status: WriterStatus): Promise<void> {
    if (this.#stop.signal.aborted) return;
    if (this.#tenure !== undefined) {
      await this.#tenure.report(status);
      return;
    }
    await this.#reports.send(() => this.options.store.reportWaiting(status));
  }

  updateGauges(): void {
    this.#tenure?.updateGauges();
  }

  /** Ends following politely and hands the service on. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.options.description.onOffline();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      if (this.#online.signal.aborted) {
        await delay(LONG_MS, signal, this.#offline.signal);
        continue;
      }
      const isOver = AbortSignal.any([signal, this.#online.signal]);
      const writer = await this.options.lease.claim(isOver);
      if (writer !== undefined) await this.#follow(writer);
    }
  }

  /** Follows the service while we hold the lease. Never rejects. */
  async #follow(writer: RoomWriter): Promise<void> {
    const { createTenure, lease, logger, onReportDue } = this.options;
    const lost = new AbortController();
    const tenure = createTenure({ writer, onFenced: () => lost.abort() });
    this.#tenure = tenure;
    logger.info({ epoch: writer.epoch }, 'following the service: the lease is ours');
    if (!this.#online.signal.aborted) tenure.onOnline();
    onReportDue();
    const kept = await lease.keep(writer, {
      signal: AbortSignal.any([this.#stop.signal, lost.signal]),
      offlineMs: () => this.#offlineMs,
    });
    const end: LeaseEnd = lost.signal.aborted ? 'fenced' : kept;
    logger[end === 'stopped' ? 'info' : 'warn']({ end }, 'following the service no longer');
    try {
      await tenure.end();
    } finally {
      this.#tenure = undefined;
    }
    if (end !== 'fenced') await this.#release(writer);
  }

  async #release(writer: RoomWriter): Promise<void> {
    try {
      await writer.releaseLease();
    } catch (err) {
      this.options.logger.debug({ err }, 'the lease was not released; it ends by itself');
    }
  }

  get #offlineMs(): number {
    const since = this.#offlineSinceMs;
    return since === undefined ? 0 : Math.max(1, this.options.monotonicMs() - since);
  }
}
