/**
 * One list: the rows of its rooms in the order in which they are served, and the bytes of that.
 * A change only touches the order; the bytes are built when somebody asks, once for each change,
 * and compressed once for each change that somebody asks for compressed.
 */
import { joinRoomList } from '@conference/rest-contract';
import { ListVersion } from './list-version.js';

/** A room's place in a list. Two MUC services may have a room of the same roomId: two entries. */
export interface ListEntry {
  readonly roomId: string;
  readonly mucService: string;
  /** The row as JSON. Text, since short strings take less memory than as many buffers. */
  readonly json: string;
}

/** By roomId in code unit order, then by MUC service: the same everywhere, whatever the locale. */
export function compareEntries(a: ListEntry, b: ListEntry): number {
  return compareCodeUnits(a.roomId, b.roomId) || compareCodeUnits(a.mucService, b.mucService);
}

function compareCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export class RoomList {
  #entries: ListEntry[] = [];
  #version: ListVersion | undefined;
  #isChanged = true;
  #changedAtMs: number;
  #compressing: Promise<ListVersion> | undefined;

  /** @param now the time in ms since 1970 */
  constructor(private readonly now: () => number) {
    this.#changedAtMs = now();
  }

  get size(): number {
    return this.#entries.length;
  }

  put(entry: ListEntry): void {
    const at = this.#placeOf(entry);
    const found = this.#entries[at];
    const isSame = found !== undefined && compareEntries(found, entry) === 0;
    if (!isSame || found.json !== entry.json) {
      this.#entries.splice(at, isSame ? 1 : 0, entry);
      this.#markChanged();
    }
  }

  remove(entry: ListEntry): void {
    const at = this.#placeOf(entry);
    const found = this.#entries[at];
    if (found !== undefined && compareEntries(found, entry) === 0) {
      this.#entries.splice(at, 1);
      this.#markChanged();
    }
  }

  /** Puts all rooms of one MUC service in the place of those that the list has of it. */
  replaceService(mucService: string, entries: readonly ListEntry[]): void {
    const others = this.#entries.filter((entry) => entry.mucService !== mucService);
    this.#entries = [...others, ...entries].sort(compareEntries);
    this.#markChanged();
  }

  /** The list as it is now; the same object until it says something else. */
  current(): ListVersion {
    if (this.#version === undefined || this.#isChanged) {
      const text = joinRoomList(this.#entries.map(({ json }) => json));
      const version = new ListVersion(text, this.#changedAtMs);
      if (version.plain.etag !== this.#version?.plain.etag) {
        this.#version = version;
      }
      this.#isChanged = false;
      return this.#version ?? version;
    }
    return this.#version;
  }

  /**
   * A version that has its compressed form: the list as it is now, or was at a moment after the
   * call. One compression runs at a time, however many ask: those who come while one runs share
   * the next.
   */
  async compressed(): Promise<ListVersion> {
    if (this.#compressing) {
      await this.#compressing;
    }
    this.#compressing ??= this.#compress().finally(() => {
      this.#compressing = undefined;
    });
    return this.#compressing;
  }

  async #compress(): Promise<ListVersion> {
    const version = this.current();
    await version.compress();
    return version;
  }

  #markChanged(): void {
    this.#isChanged = true;
    this.#changedAtMs = this.now();
  }

  /** Where the entry stands, or would stand. */
  #placeOf(entry: ListEntry): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const probe = this.#entries[middle];
      if (probe !== undefined && compareEntries(probe, entry) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
