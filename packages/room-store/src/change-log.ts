/** The kept part of the change stream, in memory: bounded, in order, with readers that wait. */
import { ConferenceError } from '@conference/muc';
import type { ChangeBatch, Cursor } from './room-store.js';

interface LogEntry {
  readonly previous: number;
  readonly batch: ChangeBatch;
  readonly weight: number;
  readonly bytes: number;
}

/** How much of a stream is kept for readers that fall behind; the newest entry always is. */
export interface KeptChanges {
  /** Changes of rooms. */
  readonly changes: number;
  readonly bytes: number;
}

/** The bounds of a stream: rows are common by thousands, and can be very long each. */
export function keptChanges(options: {
  readonly keptChanges?: number;
  readonly keptBytes?: number;
}): KeptChanges {
  return {
    changes: options.keptChanges ?? 20_000,
    bytes: options.keptBytes ?? 32 * 1024 * 1024,
  };
}

/** Entries of one incarnation after another; a new incarnation forgets the entries before it. */
export class ChangeLog {
  #entries: LogEntry[] = [];
  #keptWeight = 0;
  #keptBytes = 0;
  #end: Cursor = { incarnation: '', revision: 0 };
  readonly #waiting = new Set<() => void>();

  constructor(private readonly kept: KeptChanges) {}

  /** The place after the newest entry. */
  get end(): Cursor {
    return this.#end;
  }

  append(batch: ChangeBatch): void {
    if (batch.cursor.incarnation !== this.#end.incarnation) {
      this.#entries = [];
      this.#keptWeight = 0;
      this.#keptBytes = 0;
    }
    const weight = Math.max(1, batch.rowsPut.length + batch.roomIdsRemoved.length);
    const bytes = sizeOf(batch);
    this.#entries.push({ previous: this.#end.revision, batch, weight, bytes });
    this.#keptWeight += weight;
    this.#keptBytes += bytes;
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
    const isTooMuch = (): boolean =>
      this.#keptWeight > this.kept.changes || this.#keptBytes > this.kept.bytes;
    while (isTooMuch() && dropped < this.#entries.length - 1) {
      this.#keptWeight -= this.#entries[dropped]?.weight ?? 0;
      this.#keptBytes -= this.#entries[dropped]?.bytes ?? 0;
      dropped += 1;
    }
    if (dropped > 0) {
      this.#entries.splice(0, dropped);
    }
  }
}

/** What a row takes beside its texts, roughly. */
const ROW_BYTES = 300;

/** Roughly, in bytes: exact would cost as much as storing it. */
function sizeOf({ rowsPut, roomIdsRemoved }: ChangeBatch): number {
  let bytes = 0;
  for (const { roomId, name, description, subject } of rowsPut) {
    bytes += ROW_BYTES + roomId.length + name.length + description.length + subject.length;
  }
  for (const roomId of roomIdsRemoved) bytes += roomId.length;
  return bytes;
}

function lost(why: string): ConferenceError {
  return new ConferenceError('cursor-lost', `The place in the change stream is gone: ${why}.`);
}
