/** Reads the change stream as a facade does, from one tracker's time into the next one's. */
import { isDeepStrictEqual } from 'node:util';
import type { RoomRow } from '@conference/muc';
import type { ChangeBatch, RoomStore } from '@conference/room-store';
import { eventually } from '../support/eventually.js';

type ReadStore = Pick<RoomStore, 'readSnapshot' | 'follow'>;

export class StreamWatch {
  /** The rows as the stream has told them. */
  readonly #rows = new Map<string, RoomRow>();
  /** What no stream may tell: an entry twice, or a change where nothing has happened. */
  readonly mistakes: string[] = [];
  readonly #end = new AbortController();
  #following: Promise<void> = Promise.resolve();
  #failure: Error | undefined;
  #revision = 0;

  /** @param stillRoomIds the rooms in which nothing happens, so that they stay as they are */
  private constructor(
    private readonly store: ReadStore,
    private readonly stillRoomIds: ReadonlySet<string>,
  ) {}

  static async begin(store: ReadStore, stillRoomIds: readonly string[]): Promise<StreamWatch> {
    const watch = new StreamWatch(store, new Set(stillRoomIds));
    const { cursor, rows } = await store.readSnapshot();
    for (const row of rows) watch.#rows.set(row.roomId, row);
    watch.#revision = cursor.revision;
    watch.#following = (async () => {
      try {
        for await (const batch of store.follow(cursor, watch.#end.signal)) watch.#take(batch);
      } catch (error) {
        watch.#failure = new Error('the stream could not be followed', { cause: error });
      }
    })();
    return watch;
  }

  /** Nothing was left out: what the stream has told is, or soon will be, what is stored. */
  async expectWhole(): Promise<void> {
    await eventually(
      async () => {
        const { rows } = await this.store.readSnapshot();
        return isDeepStrictEqual(new Map(rows.map((row) => [row.roomId, row])), this.#rows);
      },
      Boolean,
      { what: 'the stream to have told all that is stored' },
    );
    if (this.#failure !== undefined) throw this.#failure;
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.#following;
  }

  #take({ cursor, rowsPut, roomIdsRemoved }: ChangeBatch): void {
    if (cursor.revision <= this.#revision) this.mistakes.push(`${cursor.revision} again`);
    this.#revision = cursor.revision;
    for (const roomId of roomIdsRemoved) {
      if (!this.#rows.delete(roomId)) this.mistakes.push(`${roomId} removed again`);
    }
    for (const row of rowsPut) {
      const isTold = isDeepStrictEqual(row, this.#rows.get(row.roomId));
      if (isTold) this.mistakes.push(`${row.roomId} told again`);
      else if (this.stillRoomIds.has(row.roomId)) this.mistakes.push(`${row.roomId} changed`);
      this.#rows.set(row.roomId, row);
    }
  }
}
