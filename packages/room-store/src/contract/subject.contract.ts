/** What an adapter's test hands to the contract. */
import type { RoomStore } from '../room-store.js';

/** One empty store for one test. */
export interface StoreUnderTest {
  readonly store: RoomStore;
  /** The same data by another handle, as another process would have it. */
  readonly reader: RoomStore;
  /** The store of another MUC service in the same place. */
  readonly otherService: RoomStore;
  close(): Promise<void>;
}

export interface ContractSubject {
  /** An empty store; the options bound the change stream. */
  open(options?: {
    readonly keptChanges?: number;
    readonly keptBytes?: number;
  }): Promise<StoreUnderTest>;
  /** How many random histories are tried. */
  readonly propertyRuns: number;
}
