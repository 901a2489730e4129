/**
 * The entries of a list in order, in chunks that are made anew only where something changed.
 *
 * Where chunks begin depends on the entries alone: the first entry begins one, and so does the
 * first border after `MIN_ENTRIES`, or the entry after `MAX_ENTRIES`. So equal lists are cut
 * equally, and a change is felt only until the old and the new cuts meet again, mostly at once.
 */
import { ROOM_LIST_FRAME } from '@conference/rest-contract';
import { BodyPart } from './body-part.js';
import { compareEntries, type ListEntry } from './list-entry.js';

export const MIN_ENTRIES = 64;
export const MAX_ENTRIES = 512;

/** Some entries, one after the other, which never change; with what comes before them. */
export class ListChunk extends BodyPart {
  constructor(
    readonly entries: readonly ListEntry[],
    isFirst: boolean,
  ) {
    const { head, separator } = ROOM_LIST_FRAME;
    super(() => (isFirst ? head : separator) + entries.map(({ json }) => json).join(separator));
  }
}

export class ListChunks {
  readonly #chunks: ListChunk[];

  /** @param chunks of a list; they are shared, and stay as they are */
  constructor(chunks: readonly ListChunk[] = []) {
    this.#chunks = [...chunks];
  }

  /** In order; none where there are no entries. */
  get chunks(): readonly ListChunk[] {
    return this.#chunks;
  }

  /** Adds an entry, or puts it in the place of the one of the same room. */
  put(entry: ListEntry): void {
    const at = Math.max(0, findLastNotAfter(this.#chunks, entry, firstEntryOf));
    const entries = this.#chunks[at]?.entries ?? [];
    const place = findLastNotAfter(entries, entry, itself);
    const found = entries[place];
    if (found === undefined || compareEntries(found, entry) !== 0) {
      this.#recut(at, entries.toSpliced(place + 1, 0, entry));
    } else if (found.json !== entry.json) {
      this.#chunks[at] = new ListChunk(entries.with(place, entry), at === 0);
    }
  }

  /** Removes the entry of a room, if there is one. */
  remove(entry: ListEntry): void {
    const at = findLastNotAfter(this.#chunks, entry, firstEntryOf);
    const entries = this.#chunks[at]?.entries ?? [];
    const place = findLastNotAfter(entries, entry, itself);
    const found = entries[place];
    if (found === undefined || compareEntries(found, entry) !== 0) {
      return;
    }
    const rest = entries.toSpliced(place, 1);
    const before = place === 0 ? this.#chunks[at - 1] : undefined;
    if (before) {
      // It was by this entry that the chunk before ended where it does.
      this.#recut(at - 1, [...before.entries, ...rest], at + 1);
    } else {
      this.#recut(at, rest);
    }
  }

  /**
   * Cuts anew from one chunk on, until a cut falls where one was.
   * @param entries what stands now where the chunks from `from` to before `next` stood
   */
  #recut(from: number, entries: readonly ListEntry[], next = from + 1): void {
    const made: ListChunk[] = [];
    let pending = entries;
    let following = next;
    const emit = (count: number): void => {
      made.push(new ListChunk(pending.slice(0, count), from + made.length === 0));
      pending = pending.slice(count);
    };
    for (;;) {
      const cut = findCut(pending);
      if (cut !== undefined) {
        emit(cut);
        continue;
      }
      const after = this.#chunks[following];
      if (!after) {
        break;
      }
      if (isCutAt(pending.length, after.entries[0])) {
        break;
      }
      pending = [...pending, ...after.entries];
      following += 1;
    }
    if (pending.length > 0) {
      emit(pending.length);
    }
    this.#chunks.splice(from, following - from, ...made);
  }
}

const firstEntryOf = (chunk: ListChunk): ListEntry | undefined => chunk.entries[0];
const itself = (entry: ListEntry): ListEntry => entry;

/** Whether a chunk that has so many entries ends before this one. */
function isCutAt(count: number, entry: ListEntry | undefined): boolean {
  return count >= MAX_ENTRIES || (count >= MIN_ENTRIES && entry?.isBorder === true);
}

/** How many of the entries are the first chunk; undefined where the next entries decide that. */
function findCut(entries: readonly ListEntry[]): number | undefined {
  for (let count = MIN_ENTRIES; count < entries.length; count += 1) {
    if (isCutAt(count, entries[count])) {
      return count;
    }
  }
  return undefined;
}

/** The last of some ordered things that does not come after the entry; -1 where all do. */
function findLastNotAfter<T>(
  things: readonly T[],
  entry: ListEntry,
  entryOf: (thing: T) => ListEntry | undefined,
): number {
  let low = 0;
  let high = things.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const thing = things[middle];
    const probe = thing === undefined ? undefined : entryOf(thing);
    if (probe !== undefined && compareEntries(probe, entry) <= 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low - 1;
}
