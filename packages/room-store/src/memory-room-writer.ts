/** The writer of the memory store: the same refusals as everywhere, and nothing that can fail. */
import type { MemoryRooms } from './memory-rooms.js';
import type { Commit, LeaseClaim, Revision, RoomWriter, WriterStatus } from './room-store.js';

export class MemoryRoomWriter implements RoomWriter {
  constructor(
    readonly epoch: number,
    private readonly rooms: MemoryRooms,
    private readonly claim: LeaseClaim | undefined,
    private readonly run: <T>(work: () => T) => Promise<T>,
  ) {}

  commit(commit: Commit): Promise<Revision> {
    return this.run(() => this.rooms.commit(this.epoch, commit));
  }

  reset(): Promise<Revision> {
    return this.run(() => this.rooms.reset(this.epoch));
  }

  report(report: WriterStatus): Promise<void> {
    return this.run(() => this.rooms.report(this.epoch, report));
  }

  renewLease(): Promise<void> {
    return this.run(() => this.rooms.renewLease(this.epoch, this.claim));
  }

  releaseLease(): Promise<void> {
    return this.run(() => this.rooms.releaseLease(this.claim));
  }
}
