/**
 * The rooms of one MUC service as the tracker believes them to be, fed by a RoomFeed and read by
 * the publisher. After an interruption everything is gathered anew beside what was known, and only
 * when all of it has been read does it take the old one's place: an outage never becomes data.
 */
import { applyRoomEvent, isSameRow } from '@conference/muc';
import type { Room, RoomEvent, RoomRow } from '@conference/muc';
import type { Logger } from '@conference/service-runtime';
import type { FeedTrouble, RoomFeedListener } from './room-feed.js';
import { DoubtfulDepartures } from './doubtful-departures.js';
import { adoptDates, datesOfRow } from './room-dates.js';
import type { KnownDates } from './room-dates.js';
import type { TrackerMetrics } from './tracker-metrics.js';

/** Where the projection says what must be written. */
export interface ProjectionListener {
  /** `isWhole`: nothing that the store holds of its details counts any more. */
  onRoomChanged(roomId: string, isWhole: boolean): void;
  onRoomRemoved(roomId: string): void;
  /** All rooms are known, followed since then, and what was written of them is true and whole. */
  onPictureLive(sinceMs: number): void;
  /** From now on what is written may be out of date. */
  onPictureStale(sinceMs: number): void;
}

export interface RoomProjectionOptions {
  readonly listener: ProjectionListener;
  /** Told of each event in a room that is written. */
  readonly onRoomEvent?: (roomId: string, event: RoomEvent) => void;
  readonly metrics: TrackerMetrics;
  readonly logger: Logger;
  readonly now: () => number;
  /** A clock that nobody sets, in ms. */
  readonly monotonicMs: () => number;
}

/** What has been learnt since the connection came up, until it is whole. */
interface Gathering {
  readonly rooms: Map<string, Room>;
  /** Names whose earlier room has ended: one that comes again is another room. */
  readonly ended: Set<string>;
  /** When all had been read, in ms since 1970; undefined until then. */
  completeMs: number | undefined;
}

export class RoomProjection implements RoomFeedListener {
  #rooms = new Map<string, Room>();
  /** Rows from before this process, by roomId; undefined until the store has told them. */
  #stored: Map<string, RoomRow> | undefined;
  /** Undefined while synchronised. */
  #gathering: Gathering | undefined = beginGathering();
  readonly #unreadable = new Set<string>();
  #trouble: FeedTrouble | undefined;
  readonly #doubtful = new DoubtfulDepartures();
  /** Since when nothing has been missed, in ms since 1970. */
  #followedSinceMs = 0;

  constructor(private readonly options: RoomProjectionOptions) {}

  /** The rooms as they are to be written. */
  get rooms(): ReadonlyMap<string, Room> {
    return this.#rooms;
  }

  /** What keeps the rows from being all that there is; undefined where nothing does. */
  get trouble(): FeedTrouble | undefined {
    if (this.#trouble !== undefined) return this.#trouble;
    return this.isSynchronised ? undefined : { reason: 'not every room has been read yet' };
  }

  get isSynchronised(): boolean {
    return this.#gathering === undefined;
  }

  /** What the store held when the right to write was taken; without it nothing can be settled. */
  adoptStored(rows: readonly RoomRow[]): void {
    this.#stored = new Map(rows.map((row) => [row.roomId, row]));
    // Where everything was read before the store could be opened, that is what is to be settled.
    this.#gathering ??= {
      rooms: this.#rooms,
      ended: new Set(),
      completeMs: this.#followedSinceMs,
    };
    this.#rooms = new Map();
    this.#settleWhenReady();
  }

  /** The connection is gone, and with it, perhaps, those who went in its last moments. */
  onLinkLost(): void {
    const { listener, now, monotonicMs } = this.options;
    for (const { room, occupant } of this.#doubtful.takeRecent(monotonicMs())) {
      const { roomId } = room;
      const current = this.#rooms.get(roomId);
      // Read again since, or somebody else is there under that nick.
      if (current !== undefined && (current !== room || room.occupants.has(occupant.nick)))
        continue;
      applyRoomEvent(room, { kind: 'occupant-present', occupant }, now());
      this.#rooms.set(roomId, room);
      listener.onRoomChanged(roomId, current === undefined);
    }
    this.onInterrupted();
  }

  /** The connection is gone, or something was missed: everything must be read anew. */
  onInterrupted(): void {
    const wasSynchronised = this.isSynchronised;
    this.#gathering = beginGathering();
    this.#unreadable.clear();
    this.#trouble = undefined;
    if (wasSynchronised) this.options.listener.onPictureStale(this.options.now());
  }

  onRoomRead(room: Room): void {
    const { metrics, listener, now } = this.options;
    const { roomId } = room;
    metrics.countEvent('room-read');
    this.#unreadable.delete(roomId);
    if (this.#gathering !== undefined) {
      this.#gathering.rooms.set(roomId, room);
      return;
    }
    const known = this.#knownDates(roomId);
    if (known !== undefined) adoptDates(room, known, now());
    this.#rooms.set(roomId, room);
    listener.onRoomChanged(roomId, true);
  }

  onDoubtfulDeparture(roomId: string, nick: string): void {
    const room = this.#gathering === undefined ? this.#rooms.get(roomId) : undefined;
    if (room !== undefined) this.#doubtful.note(room, nick, this.options.monotonicMs());
  }

  onRoomEvent(roomId: string, event: RoomEvent): void {
    const { metrics, listener, now } = this.options;
    const room = (this.#gathering?.rooms ?? this.#rooms).get(roomId);
    if (room === undefined) return;
    metrics.countEvent(event.kind);
    applyRoomEvent(room, event, now());
    if (this.#gathering !== undefined) return;
    this.options.onRoomEvent?.(roomId, event);
    listener.onRoomChanged(roomId, false);
  }

  onRoomGone(roomId: string): void {
    this.#unreadable.delete(roomId);
    if (this.#gathering !== undefined) {
      this.#gathering.rooms.delete(roomId);
      this.#gathering.ended.add(roomId);
      return;
    }
    if (this.#knownDates(roomId) === undefined) return;
    this.options.metrics.countEvent('room-gone');
    this.#rooms.delete(roomId);
    this.#stored?.delete(roomId);
    this.options.listener.onRoomRemoved(roomId);
  }

  onTrouble(trouble: FeedTrouble | undefined): void {
    this.#trouble = trouble;
  }

  onRoomUnreadable(roomId: string): void {
    this.#unreadable.add(roomId);
  }

  onSynchronised(): void {
    if (this.#gathering !== undefined) this.#gathering.completeMs = this.options.now();
    this.#settleWhenReady();
  }

  #knownDates(roomId: string): KnownDates | undefined {
    const storedRow = this.#stored?.get(roomId);
    return this.#rooms.get(roomId) ?? (storedRow && datesOfRow(storedRow));
  }

  /** What was gathered takes the place of what was known, and the differences are written. */
  #settleWhenReady(): void {
    const gathering = this.#gathering;
    const stored = this.#stored;
    if (gathering?.completeMs === undefined || stored === undefined) return;
    const { listener, metrics, logger, now } = this.options;
    const previous = this.#rooms;
    let driftCount = 0;
    for (const [roomId, room] of gathering.rooms) {
      const known = this.#knownDates(roomId);
      const knownRow = previous.get(roomId)?.toRow() ?? stored.get(roomId);
      if (known !== undefined && !gathering.ended.has(roomId)) adoptDates(room, known, now());
      if (knownRow !== undefined && !isSameRow(knownRow, room.toRow())) driftCount += 1;
    }
    const removed = [...new Set([...previous.keys(), ...stored.keys()])].filter(
      (roomId) => !gathering.rooms.has(roomId) && !this.#unreadable.has(roomId),
    );
    this.#rooms = gathering.rooms;
    for (const roomId of this.#unreadable) {
      const room = previous.get(roomId);
      if (room !== undefined) this.#rooms.set(roomId, room);
    }
    this.#stored = new Map([...stored].filter(([roomId]) => this.#unreadable.has(roomId)));
    this.#gathering = undefined;
    this.#followedSinceMs = gathering.completeMs;
    metrics.countDrift(driftCount);
    logger.info(
      { rooms: this.#rooms.size, removed: removed.length, drift: driftCount },
      'the picture is whole',
    );
    for (const roomId of removed) listener.onRoomRemoved(roomId);
    for (const roomId of gathering.rooms.keys()) listener.onRoomChanged(roomId, true);
    listener.onPictureLive(gathering.completeMs);
  }
}

function beginGathering(): Gathering {
  return { rooms: new Map(), ended: new Set(), completeMs: undefined };
}
