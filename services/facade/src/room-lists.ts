/** The projection: every room of every store, in the lists that it belongs to. */
import type { RoomRow } from '@conference/muc';
import { serialiseRoomRow } from '@conference/rest-contract';
import { RoomList, type ListEntry } from './room-list.js';
import { listKeyOfSite, listKeysOfRoom, type ListKey } from './room-ownership.js';
import type { OwnedRooms } from './site.js';

interface RoomEntry extends ListEntry {
  readonly occupants: number;
}

export class RoomLists {
  readonly #rooms = new Map<string, Map<string, RoomEntry>>();
  readonly #lists = new Map<ListKey, RoomList>();

  /** @param now the time in ms since 1970 */
  constructor(private readonly now: () => number) {}

  /** Puts a whole picture of a MUC service in the place of what is known of it, in one step. */
  replaceService(mucService: string, rows: Iterable<RoomRow>): void {
    const before = this.#rooms.get(mucService);
    const after = new Map<string, RoomEntry>();
    const entriesByList = new Map<ListKey, RoomEntry[]>();
    for (const roomId of before?.keys() ?? []) {
      for (const key of listKeysOfRoom(roomId, mucService)) {
        entriesByList.set(key, []);
      }
    }
    for (const row of rows) {
      const entry = toEntry(row, mucService);
      after.set(row.roomId, entry);
    }
    for (const entry of after.values()) {
      for (const key of listKeysOfRoom(entry.roomId, mucService)) {
        const entries = entriesByList.get(key);
        if (entries) {
          entries.push(entry);
        } else {
          entriesByList.set(key, [entry]);
        }
      }
    }
    this.#rooms.set(mucService, after);
    for (const [key, entries] of entriesByList) {
      this.#listAt(key).replaceService(mucService, entries);
      this.#forgetIfEmpty(key);
    }
  }

  /** Applies changes to a MUC service's picture, in one step. */
  apply(mucService: string, rowsPut: readonly RoomRow[], roomIdsRemoved: readonly string[]): void {
    const rooms = this.#rooms.get(mucService) ?? new Map<string, RoomEntry>();
    this.#rooms.set(mucService, rooms);
    for (const roomId of roomIdsRemoved) {
      const entry = rooms.get(roomId);
      if (entry) {
        rooms.delete(roomId);
        for (const key of listKeysOfRoom(roomId, mucService)) {
          this.#listAt(key).remove(entry);
          this.#forgetIfEmpty(key);
        }
      }
    }
    for (const row of rowsPut) {
      const entry = toEntry(row, mucService);
      rooms.set(row.roomId, entry);
      for (const key of listKeysOfRoom(row.roomId, mucService)) {
        this.#listAt(key).put(entry);
      }
    }
  }

  /** The list of a site; an empty one where no room is the site's. */
  listOf(site: { readonly siteId: string; readonly rooms: OwnedRooms }): RoomList {
    return this.#listAt(listKeyOfSite(site));
  }

  /** How many rooms a MUC service has, and how many occupants all of them together. */
  countsOf(mucService: string): { readonly rooms: number; readonly occupants: number } {
    const rooms = this.#rooms.get(mucService);
    let occupants = 0;
    for (const entry of rooms?.values() ?? []) {
      occupants += entry.occupants;
    }
    return { rooms: rooms?.size ?? 0, occupants };
  }

  #listAt(key: ListKey): RoomList {
    let list = this.#lists.get(key);
    if (!list) {
      list = new RoomList(this.now);
      this.#lists.set(key, list);
    }
    return list;
  }

  /** Anybody can make rooms with any suffix: an empty list is not kept, lest they pile up. */
  #forgetIfEmpty(key: ListKey): void {
    if (this.#lists.get(key)?.size === 0) {
      this.#lists.delete(key);
    }
  }
}

function toEntry(row: RoomRow, mucService: string): RoomEntry {
  const { roomId, occupants } = row;
  return { roomId, mucService, json: serialiseRoomRow(row), occupants };
}
