/**
 * Rows from before this process, until every room has been read: what they hold of dates must not
 * be lost. As texts without names, since there are as many as rooms.
 */
import { ROOM_ROW_KEYS, RoomMap } from '@conference/muc';
import type { RoomRow } from '@conference/muc';

export class StoredRows {
  readonly #texts = new RoomMap<string>();

  set(row: RoomRow): void {
    this.#texts.set(row.roomId, JSON.stringify(ROOM_ROW_KEYS.map((key) => row[key])));
  }

  /** Something is stored under that name that tells nothing: it is to be written anew or removed. */
  setMalformed(roomId: string): void {
    this.#texts.set(roomId, '');
  }

  /** Undefined where there is none, and where it tells nothing. */
  get(roomId: string): RoomRow | undefined {
    const text = this.#texts.get(roomId);
    if (text === undefined || text === '') return undefined;
    const values = JSON.parse(text) as unknown[];
    const entries = ROOM_ROW_KEYS.map((key, index) => [key, values[index]] as const);
    // An absent date was written as null.
    return Object.fromEntries(entries.filter(([, value]) => value !== null)) as unknown as RoomRow;
  }

  has(roomId: string): boolean {
    return this.#texts.has(roomId);
  }

  delete(roomId: string): void {
    this.#texts.delete(roomId);
  }

  keys(): Generator<string, undefined> {
    return this.#texts.keys();
  }
}
