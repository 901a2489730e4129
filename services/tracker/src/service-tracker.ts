/** One MUC service: its feed, its projection, its publisher, put together. */
import type { DependencyStatus, RoomStore, WriterStatus } from '@conference/room-store';
import type { Logger } from '@conference/service-runtime';
import type { RoomFeed, RoomFeedListener } from './room-feed.js';
import { Publisher } from './publisher.js';
import { RoomProjection } from './room-projection.js';
import type { TrackerMetrics } from './tracker-metrics.js';

export interface ServiceTrackerOptions {
  readonly store: RoomStore;
  readonly createFeed: (listener: RoomFeedListener) => RoomFeed;
  readonly publishDelayMs: number;
  readonly metrics: TrackerMetrics;
  readonly logger: Logger;
  readonly now: () => number;
  readonly random: () => number;
}

const DRAIN_MS = 3_000;

export class ServiceTracker {
  readonly mucService: string;
  readonly feed: RoomFeed;
  readonly #projection: RoomProjection;
  readonly #publisher: Publisher;
  #hasBeenOnline = false;

  constructor(private readonly options: ServiceTrackerOptions) {
    const { store, metrics, logger, now, random } = options;
    this.mucService = store.mucService;
    this.#projection = new RoomProjection({
      metrics,
      logger,
      now,
      listener: {
        onRoomChanged: (roomId, isWhole) => this.#publisher.put(roomId, isWhole),
        onRoomRemoved: (roomId) => this.#publisher.remove(roomId),
        onPictureLive: () => this.#publisher.setPicture({ state: 'live' }),
        onPictureStale: (sinceMs) => {
          const since = new Date(sinceMs).toISOString();
          this.#publisher.setPicture({ state: 'stale', since });
        },
      },
    });
    this.#publisher = new Publisher({
      store,
      metrics,
      logger,
      now,
      random,
      delayMs: options.publishDelayMs,
      rooms: () => this.#projection.rooms,
      onStoredRows: (rows) => this.#projection.adoptStored(rows),
    });
    this.feed = options.createFeed(this.#projection);
  }

  onOnline(): void {
    if (this.#hasBeenOnline) this.options.metrics.countReconnect();
    this.#hasBeenOnline = true;
    this.#projection.onInterrupted();
    this.#publisher.takeOver();
    this.feed.onOnline();
  }

  onOffline(): void {
    this.feed.onOffline();
    this.#projection.onInterrupted();
  }

  /** What this service waits for, if anything. */
  readiness(): DependencyStatus[] {
    const { isSynchronised } = this.#projection;
    const { status } = this.#publisher;
    return [
      {
        name: `rooms of ${this.mucService}`,
        isReady: isSynchronised,
        ...(isSynchronised ? {} : { reason: 'not every room has been read yet' }),
      },
      {
        name: `store of ${this.mucService}`,
        isReady: status.state === 'writing',
        ...(status.state === 'writing' ? {} : { reason: status.reason }),
      },
    ];
  }

  async report(status: WriterStatus): Promise<void> {
    await this.#publisher.report(status);
  }

  updateGauges(): void {
    let occupants = 0;
    for (const room of this.#projection.rooms.values()) occupants += room.occupants.size;
    this.options.metrics.setRooms(this.#projection.rooms.size, occupants);
  }

  /** Leaves the rooms, says that the picture is stale from now on, and writes what is queued. */
  async stop(): Promise<void> {
    this.#projection.onInterrupted();
    await this.feed.stop();
    await this.#publisher.stop(DRAIN_MS);
  }
}
