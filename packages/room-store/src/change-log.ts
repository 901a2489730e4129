/** The kept part of the change stream, in memory: bounded, in order, with readers that wait. */
import { ConferenceError } from '@conference/muc';
import type { ChangeBatch, Cursor } from './room-store.js';

interface LogEntry {
  readonly previous: number;
  readonly batch: ChangeBatch;
  readonly weight: number;
}

/** Entries of one incarnation after another; a new incarnation forgets the entries before it. */
export class ChangeLog {
  #entries: LogEntry[] = [];
  #keptWeight = 0;
  #end: Cursor = { incarnation: '', revision: 0 };
  readonly #waiting = new Set<() => void>();

  /** @param keptChanges how many changes of rooms are kept; at least the newest entry stays. */
  constructor(private readonly keptChanges: number) {}

  /** The place after the newest entry. */
  get end(): Cursor {
    return this.#end;
  }

  append(batch: ChangeBatch): void {
    if (batch.cursor.incarnation !== this.#end.incarnation) {
      this.#entries = [];
      this.#keptWeight = 0;
    }
    const weight = Math.max(1, batch.rowsPut.length + batch.roomIdsRemoved.length);
    this.#entries.push({ previous: this.#end.revision, batch, weight });
    this.#keptWeight += weight;
    this.#end = batch.cursor;
    this.#trim();
    this.wakeAll();
  }

  /**
   * The batches after a place; empty at the end of the stream.
   * Fails with `cursor-lost` where the place is of another incarnation, trimmed or unknown.
   */
  readAfter(cursor: Cursor): readonly ChangeBatch[] {
    if (cursor.incarnation !== this.#end.incarnation || cursor.revision > this.#end.revision) {
      throw lost('the store was written anew');
    }
    if (cursor.revision === this.#end.revision) {
      return [];
    }
    // From the end, for a reader that keeps up stands there.
    const index = this.#entries.findLastIndex((entry) => entry.previous === cursor.revision);
    if (index === -1) {
      throw lost('the reader fell behind the kept changes');
    }
    return this.#entries.slice(index).map((entry) => entry.batch);
  }

  /** Resolves at the next entry, at `wakeAll`, or when the signal aborts. */
  waitForChange(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake);
      if (signal.aborted) {
        wake();
      }
    });
  }

  /** Wakes every reader that waits. */
  wakeAll(): void {
    for (const wake of [...this.#waiting]) {
      wake();
    }
  }

  #trim(): void {
    let dropped = 0;
    while (this.#keptWeight > this.keptChanges && dropped < this.#entries.length - 1) {
      this.#keptWeight -= this.#entries[dropped]?.weight ?? 0;
      dropped += 1;
    }
    if (dropped > 0) {
      this.#entries.splice(0, dropped);
    }
  }
}

function lost(why: string): ConferenceError {
  return new ConferenceError('cursor-lost', `The place in the change stream is gone: ${why}.`);
}
