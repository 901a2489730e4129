/** The store of one process: rooms, details and changes in memory, gone when the process ends. */
import { ConferenceError } from '@conference/muc';
import { keptChanges } from './change-log.js';
import { MemoryRooms } from './memory-rooms.js';
import { MemoryRoomWriter } from './memory-room-writer.js';
import type {
  AnnouncedTracker,
  ChangeBatch,
  Cursor,
  LeaseClaim,
  LeaseView,
  RoomDetail,
  RoomStore,
  RoomWriter,
  Snapshot,
  WriterReport,
  WriterStatus,
} from './room-store.js';

export interface MemoryRoomStoreOptions {
  /** How many changes of rooms the stream keeps for readers that fall behind; default 20,000. */
  readonly keptChanges?: number;
  /** How many bytes of them, roughly and at most but for the newest; default 32 MiB. */
  readonly keptBytes?: number;
  /** The store's clock, in ms since 1970. */
  readonly clock?: () => number;
}

/** An empty store of one MUC service's rooms in the memory of this process. */
export function createMemoryRoomStore(
  mucService: string,
  options: MemoryRoomStoreOptions = {},
): RoomStore {
  return new MemoryRoomStore(
    mucService,
    new MemoryRooms(keptChanges(options), options.clock ?? Date.now),
  );
}

class MemoryRoomStore implements RoomStore {
  readonly #closing = new AbortController();

  constructor(
    readonly mucService: string,
    private readonly rooms: MemoryRooms,
  ) {}

  openWriter(claim?: LeaseClaim): Promise<RoomWriter> {
    return this.#run(() => {
      const epoch = this.rooms.openWriter(claim);
      return new MemoryRoomWriter(epoch, this.rooms, claim, (work) => this.#run(work));
    });
  }

  announceTracker(tracker: AnnouncedTracker): Promise<LeaseView> {
    return this.#run(() => this.rooms.announceTracker(tracker));
  }

  readLease(): Promise<LeaseView> {
    return this.#run(() => this.rooms.readLease());
  }

  readSnapshot(): Promise<Snapshot> {
    return this.#run(() => this.rooms.readSnapshot());
  }

  async *follow(cursor: Cursor, signal: AbortSignal): AsyncIterable<ChangeBatch> {
    const ending = AbortSignal.any([signal, this.#closing.signal]);
    let place = cursor;
    while (!ending.aborted) {
      const batches = this.rooms.log.readAfter(place);
      if (batches.length === 0) {
        await this.rooms.log.waitForChange(ending);
      }
      for (const batch of batches) {
        if (ending.aborted) {
          return;
        }
        yield batch;
        place = batch.cursor;
      }
    }
  }

  readRoom(roomId: string): Promise<RoomDetail | undefined> {
    return this.#run(() => this.rooms.readRoom(roomId));
  }

  readWriterReport(): Promise<WriterReport | undefined> {
    return this.#run(() => this.rooms.readWriterReport());
  }

  reportWaiting(status: WriterStatus): Promise<void> {
    return this.#run(() => this.rooms.reportWaiting(status));
  }

  readWaitingReport(): Promise<WriterStatus | undefined> {
    return this.#run(() => this.rooms.readWaitingReport());
  }

  close(): Promise<void> {
    this.#closing.abort();
    return Promise.resolve();
  }

  /** Runs one step whole, as nothing else of this process can come between. */
  #run<T>(work: () => T): Promise<T> {
    return new Promise((resolve) => {
      if (this.#closing.signal.aborted) {
        throw new ConferenceError('store-unavailable', 'The store is closed.');
      }
      resolve(work());
    });
  }
}
