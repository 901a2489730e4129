/** A room's place in a list: the order of lists, and where lists may be cut. */

/** Two MUC services may have a room of the same roomId: two entries. */
export interface ListEntry {
  readonly roomId: string;
  readonly mucService: string;
  /** The row as JSON. Text, since short strings take less memory than as many buffers. */
  readonly json: string;
  /** Whether a chunk of a list may begin here; see `mayBeginChunk`. */
  readonly isBorder: boolean;
}

/** By roomId in code unit order, then by MUC service: the same everywhere, whatever the locale. */
export function compareEntries(a: ListEntry, b: ListEntry): number {
  return compareCodeUnits(a.roomId, b.roomId) || compareCodeUnits(a.mucService, b.mucService);
}

function compareCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** One room in so many may begin a chunk; a power of two. */
const ROOMS_PER_BORDER = 128;

/**
 * Whether a chunk may begin with this room: by its roomId alone, so that every facade cuts the
 * same list in the same places, however the list came about.
 */
export function mayBeginChunk(roomId: string): boolean {
  return hashText(roomId) % ROOMS_PER_BORDER === 0;
}

/** FNV-1a over the code units, then MurmurHash3's last mixing: FNV's low bits alone are poor. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
