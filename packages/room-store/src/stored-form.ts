/** How pictures and entries of the stream are written in Redis, and read back. */
import { isRoomRow } from '@conference/muc';
import type { RoomRow } from '@conference/muc';
import type { ChangeBatch, Picture } from './room-store.js';

/** `loading`, `live`, `live SINCE` or `stale SINCE`. */
export function encodePicture(picture: Picture): string {
  const since = picture.state === 'loading' ? undefined : picture.since;
  return since === undefined ? picture.state : `${picture.state} ${since}`;
}

/** Reads a picture; a script writes SINCE as ms since 1970, a writer as it was given. */
export function decodePicture(text: string): Picture {
  const [state, since] = text.split(' ', 2);
  if (state === 'stale' && since !== undefined) {
    return {
      state,
      since: /^\d+$/.test(since) ? new Date(Number(since)).toISOString() : since,
    };
  }
  if (state === 'live') {
    return { state, ...(since === undefined ? {} : { since }) };
  }
  return { state: 'loading' };
}

/** The row of a room; undefined where what is stored under its name is none. */
export function decodeRow(roomId: string, text: string): RoomRow | undefined {
  const row = parseJson(text);
  return isRoomRow(row) && row.roomId === roomId ? row : undefined;
}

/** Undefined, which JSON cannot say, where the text is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An entry of the stream as Redis answers it: its id, and names and values by turns. */
export type StreamEntry = readonly [id: string, fields: readonly string[]];

/** A batch and the revision that it follows upon. */
export interface ChainedBatch {
  readonly previous: number;
  readonly batch: ChangeBatch;
}

/** The stream's id of a revision. */
export function entryId(revision: number): string {
  return `${revision}-0`;
}

/** Undefined where the entry is none that a writer makes. */
export function decodeEntry([id, fields]: StreamEntry): ChainedBatch | undefined {
  const field = new Map(pairsOf(fields));
  const rowsPut = parseJson(field.get('put') ?? '[]');
  const roomIdsRemoved = parseJson(field.get('removed') ?? '[]');
  if (!isArrayOf(rowsPut, isRoomRow) || !isArrayOf(roomIdsRemoved, isText)) return undefined;
  const picture = field.get('picture');
  const observed = field.get('observed');
  return {
    previous: Number(field.get('previous')),
    batch: {
      cursor: { incarnation: field.get('incarnation') ?? '', revision: Number.parseInt(id, 10) },
      rowsPut,
      roomIdsRemoved,
      ...(picture === undefined ? {} : { picture: decodePicture(picture) }),
      ...(observed === undefined ? {} : { observedAtMs: Number(observed) }),
    },
  };
}

function isArrayOf<T>(value: unknown, isOne: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every(isOne);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** Names and values by turns → pairs. */
export function pairsOf(flat: readonly string[]): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (let index = 0; index + 1 < flat.length; index += 2) {
    pairs.push([flat[index] ?? '', flat[index + 1] ?? '']);
  }
  return pairs;
}
