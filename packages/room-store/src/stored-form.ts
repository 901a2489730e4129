/** How pictures and entries of the stream are written in Redis, and read back. */
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

export function decodeRow(text: string): RoomRow {
  return JSON.parse(text) as RoomRow;
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

export function decodeEntry([id, fields]: StreamEntry): ChainedBatch {
  const field = new Map(pairsOf(fields));
  const picture = field.get('picture');
  const observed = field.get('observed');
  return {
    previous: Number(field.get('previous')),
    batch: {
      cursor: { incarnation: field.get('incarnation') ?? '', revision: Number.parseInt(id, 10) },
      rowsPut: JSON.parse(field.get('put') ?? '[]') as RoomRow[],
      roomIdsRemoved: JSON.parse(field.get('removed') ?? '[]') as string[],
      ...(picture === undefined ? {} : { picture: decodePicture(picture) }),
      ...(observed === undefined ? {} : { observedAtMs: Number(observed) }),
    },
  };
}

/** Names and values by turns → pairs. */
export function pairsOf(flat: readonly string[]): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (let index = 0; index + 1 < flat.length; index += 2) {
    pairs.push([flat[index] ?? '', flat[index + 1] ?? '']);
  }
  return pairs;
}
