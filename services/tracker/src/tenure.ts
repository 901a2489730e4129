/**
 * One time of following a MUC service, from getting the lease to giving it up or losing it: a feed,
 * a projection, a publisher, put together. It outlives the XMPP connection, and nothing of it
 * outlives the lease.
 */
import type { DependencyStatus, RoomStore, RoomWriter, WriterStatus } from '@conference/room-store';
import type { Logger } from '@conference/service-runtime';
import { RoomAudit } from './audit/room-audit.js';
import type { FeedKind } from './chosen-feed.js';
import type { RoomFeed, RoomFeedListener } from './room-feed.js';
import { Publisher } from './publisher.js';
import { RoomProjection } from './room-projection.js';
import type { ServiceDescription } from './service-description.js';
import type { TrackerMetrics } from './tracker-metrics.js';

/** A feed that says of which kind it is; undefined while that is not decided. */
type DeclaredFeed = RoomFeed & { readonly kind: FeedKind | undefined };

export interface TenureOptions {
  readonly store: RoomStore;
  /** The right to write that came with the lease. */
  readonly writer: RoomWriter;
  /** Called when another writer has taken over: nothing more can be written. */
  readonly onFenced: () => void;
  readonly createFeed: (listener: RoomFeedListener) => DeclaredFeed;
  readonly description: ServiceDescription;
  readonly publishDelayMs: number;
  /** The pause before each room that is read again to see whether it is known rightly; 0: never. */
  readonly auditIntervalMs: number;
  /** Whether requests wait for others to be answered. */
  readonly hasWaitingRequests: () => boolean;
  /** Called when a report should not wait for its time. */
  readonly onReportDue: () => void;
  readonly metrics: TrackerMetrics;
  readonly logger: Logger;
  readonly now: () => number;
  /** A clock that nobody sets, in ms. */
  readonly monotonicMs: () => number;
  readonly random: () => number;
}

const DRAIN_MS = 3_000;

export class Tenure {
  readonly feed: DeclaredFeed;
  readonly #projection: RoomProjection;
  readonly #publisher: Publisher;
  readonly #audit: RoomAudit;
  #hasBeenOnline = false;

  constructor(private readonly options: TenureOptions) {
    const { store, writer, metrics, logger, now, random } = options;
    this.#projection = new RoomProjection({
      metrics,
      logger,
      now,
      monotonicMs: options.monotonicMs,
      onRoomEvent: (roomId, event) => this.#audit.onRoomEvent(roomId, event),
      listener: {
        onRoomChanged: (roomId, isWhole) => this.#publisher.put(roomId, isWhole),
        onRoomRemoved: (roomId) => this.#publisher.remove(roomId),
        onEverythingChanged: () => this.#publisher.putEverything(),
        onPictureLive: (sinceMs) => {
          const since = new Date(sinceMs).toISOString();
          this.#publisher.setPicture({ state: 'live', since });
        },
        onPictureStale: (sinceMs) => {
          const since = new Date(sinceMs).toISOString();
          this.#publisher.setPicture({ state: 'stale', since });
        },
      },
    });
    this.#publisher = new Publisher({
      store,
      writer,
      onFenced: options.onFenced,
      metrics,
      logger,
      now,
      random,
      onReportDue: options.onReportDue,
      delayMs: options.publishDelayMs,
      rooms: () => this.#projection.rooms,
      onStored: ({ rows, malformed }) => this.#projection.adoptStored(rows, malformed),
    });
    this.feed = options.createFeed(this.#projection);
    this.#audit = new RoomAudit({
      feed: this.feed,
      metrics,
      logger,
      rooms: () => this.#projection.rooms,
      isIdle: () => this.#projection.isSynchronised && !options.hasWaitingRequests(),
      intervalMs: options.auditIntervalMs,
    });
    this.#publisher.start();
  }

  onOnline(): void {
    if (this.#hasBeenOnline) this.options.metrics.countReconnect();
    this.#hasBeenOnline = true;
    this.#projection.onInterrupted();
    this.feed.onOnline();
    this.#audit.start();
  }

  onOffline(): void {
    this.#audit.stop();
    this.feed.onOffline();
    this.#projection.onLinkLost();
  }

  /** What is waited for, if anything. */
  readiness(): DependencyStatus[] {
    const { mucService } = this.options.store;
    const { trouble } = this.#projection;
    const { status } = this.#publisher;
    return [
      {
        name: `rooms of ${mucService}`,
        isReady: trouble === undefined,
        ...trouble,
      },
      {
        name: `store of ${mucService}`,
        isReady: status.state === 'writing',
        ...(status.state === 'writing' ? {} : { reason: status.reason }),
      },
    ];
  }

  /** Hands the status on, together with what is known of the service itself. */
  async report(status: WriterStatus): Promise<void> {
    const { isMaxUsersTold } = this.#projection.rooms;
    const capabilities = this.options.description.describe(this.feed.kind, isMaxUsersTold);
    await this.#publisher.report({
      ...status,
      ...(capabilities === undefined ? {} : { capabilities }),
    });
  }

  updateGauges(): void {
    const { size, occupantCount } = this.#projection.rooms;
    this.options.metrics.setRooms(size, occupantCount);
  }

  /**
   * Leaves the rooms, says that the picture is stale from now on, and writes what is queued, if
   * that may still be written.
   */
  async end(): Promise<void> {
    this.#projection.onInterrupted();
    this.#audit.stop();
    await this.feed.stop();
    await this.#publisher.stop(DRAIN_MS);
  }
}
