/**
 * Rooms as a server's feed tells them: turns what it says into rooms and events. The feed tells
 * states in order, so the last word on anything is the truth, however often it is told.
 */
import { applyRoomEvent, Room, RoomMap } from '@conference/muc';
import type { Occupant, RoomEvent } from '@conference/muc';
import type { FeedOccupant, FeedRoom, FeedRoomState, FeedSummary } from '@conference/muc-stanza';
import { detachEvent, detachText } from '../join-feed/detached-event.js';
import type { RoomFeedListener } from '../room-feed.js';

export class FedRooms {
  /** Rooms that have been handed over. */
  readonly #known = new RoomMap<Room>();
  /** Rooms whose parts have not all come. */
  readonly #partial = new Map<string, Room>();

  constructor(
    private readonly listener: RoomFeedListener,
    private readonly now: () => number,
  ) {}

  /** Whether the room has been handed over, and nothing of it is still to come. */
  isKnown(roomId: string): boolean {
    return this.#known.has(roomId) && !this.#partial.has(roomId);
  }

  /** Takes in what the feed says of one room. */
  take(told: FeedRoom): void {
    if (told.kind === 'gone' || told.kind === 'unreadable') {
      this.#forget(told.roomId, told.kind);
      return;
    }
    if (told.kind === 'first') this.#begin(told);
    const partial = this.#partial.get(told.roomId);
    if (partial !== undefined) this.#fill(partial, told);
    else this.#change(told);
  }

  #forget(roomId: string, kind: 'gone' | 'unreadable'): void {
    this.#known.delete(roomId);
    this.#partial.delete(roomId);
    if (kind === 'gone') this.listener.onRoomGone(roomId);
    else this.listener.onRoomUnreadable(roomId, 'internal-server-error');
  }

  #begin({ roomId: toldId, summary }: FeedRoomState): void {
    const now = this.now();
    const roomId = detachText(toldId);
    const room = new Room(roomId, summary?.creationMs ?? now);
    room.isCreationTold = summary?.creationMs !== undefined;
    // Our clock may be behind the server's, which dated the creation.
    room.emptyMs = Math.max(now, room.creationMs);
    this.#partial.set(roomId, room);
  }

  /** Into a room that is not whole yet: silently, and handed over with the last part. */
  #fill(room: Room, told: FeedRoomState & { readonly kind: FeedRoom['kind'] }): void {
    for (const event of eventsOf(room, told)) {
      applyRoomEvent(room, detachEvent(event), this.now());
    }
    if (told.kind === 'change' || told.hasMore) return;
    this.#partial.delete(room.roomId);
    this.#known.set(room.roomId, room);
    this.listener.onRoomRead(room);
  }

  /** Of a room that nobody has told whole, part says nothing: its whole is still to come. */
  #change(told: FeedRoomState): void {
    const room = this.#known.get(told.roomId);
    if (room === undefined) return;
    for (const event of eventsOf(room, told)) {
      this.listener.onRoomEvent(room.roomId, detachEvent(event));
    }
  }
}

/**
 * The events that make a room what the feed says; none for what it is already. To be applied one
 * by one, as they come: each is told from the room as it is by then.
 */
function* eventsOf(room: Room, told: FeedRoomState): Generator<RoomEvent> {
  if (told.summary !== undefined) yield* summaryEvents(room, told.summary);
  for (const occupant of told.occupants) yield* occupantEvents(room, occupant);
  for (const { bareJid, affiliation } of told.affiliations) {
    if ((room.affiliations.get(bareJid) ?? 'none') !== affiliation) {
      yield { kind: 'affiliation-set', bareJid, affiliation };
    }
  }
}

function* summaryEvents(room: Room, summary: FeedSummary): Generator<RoomEvent> {
  const { configuration, subject, modificationMs } = summary;
  if (modificationMs !== undefined && modificationMs > room.modificationMs) {
    yield { kind: 'configuration-changed', atMs: modificationMs };
  }
  if (!isSameValue(room.configuration, configuration)) {
    yield { kind: 'configuration-read', configuration };
  }
  if (room.subject !== subject) yield { kind: 'subject-set', subject };
}

function* occupantEvents(room: Room, told: FeedOccupant): Generator<RoomEvent> {
  const known = room.occupants.get(told.nick);
  if (told.role === 'none') {
    if (known !== undefined) yield { kind: 'occupant-left', nick: told.nick };
    return;
  }
  const occupant: Occupant = told;
  if (known === undefined || !isSameValue(known, occupant)) {
    yield { kind: 'occupant-present', occupant };
  }
}

function isSameValue<T extends object>(a: T, b: T): boolean {
  const keys = Object.keys(a) as (keyof T)[];
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
