/** A reader as a facade has it: snapshot, follow, and a new snapshot when its place is lost. */
import { hasCode, type RoomRow } from '@conference/muc';
import type { ChangeBatch, Cursor, Picture, RoomStore, Snapshot } from '../room-store.js';

/** Rows by roomId and the picture, as text that can be compared. */
export function digest(rows: Iterable<RoomRow>, picture: Picture): string {
  const sorted = [...rows].sort((a, b) => (a.roomId < b.roomId ? -1 : 1));
  return JSON.stringify([picture.state, sorted]);
}

export class FollowingReader {
  /** What this reader held at each revision that it stood on. */
  readonly seen: { readonly cursor: Cursor; readonly digest: string }[] = [];
  readonly batches: ChangeBatch[] = [];
  snapshots = 0;
  readonly #rows = new Map<string, RoomRow>();
  #picture: Picture = { state: 'loading' };
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #waiting: (() => void)[] = [];

  constructor(private readonly store: RoomStore) {
    this.#ended = this.#run();
  }

  /** Resolves once the reader stands on the revision or past it; rejects when it fails. */
  async reach(revision: number): Promise<void> {
    while ((this.seen.at(-1)?.cursor.revision ?? -1) < revision) {
      await Promise.race([
        new Promise<void>((resolve) => this.#waiting.push(resolve)),
        this.#ended.then(() => {
          throw new Error('the reader ended');
        }),
      ]);
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const snapshot = await this.#readSnapshot();
      if (snapshot === undefined) return;
      this.snapshots += 1;
      this.#rows.clear();
      for (const row of snapshot.rows) {
        this.#rows.set(row.roomId, row);
      }
      this.#picture = snapshot.picture;
      this.#note(snapshot.cursor);
      try {
        for await (const batch of this.store.follow(snapshot.cursor, this.#stopping.signal)) {
          this.#apply(batch);
        }
      } catch (error) {
        if (!hasCode(error, 'cursor-lost')) {
          throw error;
        }
      }
    }
  }

  /** A store that keeps few changes may be written faster than it can be read; undefined: stopped. */
  async #readSnapshot(): Promise<Snapshot | undefined> {
    while (!this.#stopping.signal.aborted) {
      try {
        return await this.store.readSnapshot();
      } catch (error) {
        if (!hasCode(error, 'store-unavailable')) throw error;
      }
    }
    return undefined;
  }

  #apply(batch: ChangeBatch): void {
    for (const row of batch.rowsPut) {
      this.#rows.set(row.roomId, row);
    }
    for (const roomId of batch.roomIdsRemoved) {
      this.#rows.delete(roomId);
    }
    this.#picture = batch.picture ?? this.#picture;
    this.batches.push(batch);
    this.#note(batch.cursor);
  }

  #note(cursor: Cursor): void {
    this.seen.push({ cursor, digest: digest(this.#rows.values(), this.#picture) });
    for (const wake of this.#waiting.splice(0)) {
      wake();
    }
  }
}
