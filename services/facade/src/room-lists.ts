/** The projection: every room of every store, in the lists that it belongs to. */
import { RoomMap, type RoomRow } from '@conference/muc';
import { serialiseRoomRow } from '@conference/rest-contract';
import { Slices } from '@conference/service-runtime';
import { ListChunks } from './list-chunks.js';
import { mayBeginChunk, type ListEntry } from './list-entry.js';
import { RoomList } from './room-list.js';
import { listKeyOfSite, listKeysOfRoom, type ListKey } from './room-ownership.js';
import type { OwnedRooms } from './site.js';

interface RoomEntry extends ListEntry {
  readonly occupants: number;
}

/** All rows of a MUC service, by roomId. */
interface WholeRows {
  has(roomId: string): boolean;
  values(): Iterable<RoomRow>;
}

export class RoomLists {
  readonly #rooms = new Map<string, RoomMap<RoomEntry>>();
  /** Occupants of all rooms of a MUC service together. */
  readonly #occupants = new Map<string, number>();
  readonly #lists = new Map<ListKey, RoomList>();
  #changing: Promise<void> = Promise.resolve();

  /** @param now the time in ms since 1970 */
  constructor(private readonly now: () => number) {}

  /** Puts a whole picture of a MUC service in the place of what is known of it, in one step. */
  replaceService(mucService: string, rows: WholeRows): Promise<void> {
    return this.#inTurn(async (slices) => {
      const gone: string[] = [];
      for (const roomId of this.#rooms.get(mucService)?.keys() ?? []) {
        if (!rows.has(roomId)) {
          gone.push(roomId);
        }
        await slices.pause();
      }
      await this.#change(mucService, rows.values(), gone, slices);
    });
  }

  /** Applies changes to a MUC service's picture, in one step for each list. */
  apply(
    mucService: string,
    rowsPut: readonly RoomRow[],
    roomIdsRemoved: readonly string[],
  ): Promise<void> {
    return this.#inTurn((slices) => this.#change(mucService, rowsPut, roomIdsRemoved, slices));
  }

  /**
   * Changes drafts of the lists, in slices, and puts them in the place of the lists at the end.
   * What is removed and put is there after it.
   */
  async #change(
    mucService: string,
    rowsPut: Iterable<RoomRow>,
    roomIdsRemoved: Iterable<string>,
    slices: Slices,
  ): Promise<void> {
    const rooms = this.#rooms.get(mucService) ?? new RoomMap<RoomEntry>();
    this.#rooms.set(mucService, rooms);
    const drafts = new Map<ListKey, ListChunks>();
    for (const roomId of roomIdsRemoved) {
      const entry = rooms.get(roomId);
      if (entry) {
        rooms.delete(roomId);
        this.#countOccupants(mucService, -entry.occupants);
        for (const key of listKeysOfRoom(roomId, mucService)) {
          this.#draftOf(key, drafts).remove(entry);
        }
      }
      await slices.pause();
    }
    for (const row of rowsPut) {
      const entry = toEntry(row, mucService);
      const before = rooms.get(row.roomId);
      if (before?.json !== entry.json) {
        rooms.set(row.roomId, entry);
        this.#countOccupants(mucService, entry.occupants - (before?.occupants ?? 0));
        for (const key of listKeysOfRoom(row.roomId, mucService)) {
          this.#draftOf(key, drafts).put(entry);
        }
      }
      await slices.pause();
    }
    for (const [key, draft] of drafts) {
      this.#listAt(key).take(draft);
      this.#forgetIfEmpty(key);
      await slices.pause();
    }
  }

  #draftOf(key: ListKey, drafts: Map<ListKey, ListChunks>): ListChunks {
    let draft = drafts.get(key);
    if (!draft) {
      draft = new ListChunks(this.#lists.get(key)?.chunks);
      drafts.set(key, draft);
    }
    return draft;
  }

  /** One change after the other, whichever MUC service it is of: they share lists. */
  #inTurn(work: (slices: Slices) => Promise<void>): Promise<void> {
    const turn = this.#changing.then(() => work(new Slices()));
    this.#changing = turn.catch(() => undefined);
    return turn;
  }

  /** The list of a site; an empty one where no room is the site's. */
  listOf(site: { readonly siteId: string; readonly rooms: OwnedRooms }): RoomList {
    return this.#listAt(listKeyOfSite(site));
  }

  /** How many rooms a MUC service has, and how many occupants all of them together. */
  countsOf(mucService: string): { readonly rooms: number; readonly occupants: number } {
    return {
      rooms: this.#rooms.get(mucService)?.size ?? 0,
      occupants: this.#occupants.get(mucService) ?? 0,
    };
  }

  #countOccupants(mucService: string, change: number): void {
    this.#occupants.set(mucService, (this.#occupants.get(mucService) ?? 0) + change);
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
    if (this.#lists.get(key)?.isEmpty) {
      this.#lists.delete(key);
    }
  }
}

function toEntry(row: RoomRow, mucService: string): RoomEntry {
  const { roomId, occupants } = row;
  const json = serialiseRoomRow(row);
  return { roomId, mucService, json, isBorder: mayBeginChunk(roomId), occupants };
}
