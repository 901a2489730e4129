/**
 * The rooms of one MUC service as the tracker believes them to be, fed by a RoomFeed and read by
 * the publisher. After an interruption everything is gathered anew beside what was known, and only
 * when all of it has been read does it take the old one's place: an outage never becomes data.
 */
import type { Room, RoomEvent, RoomRow } from '@conference/muc';
import { Slices } from '@conference/service-runtime';
import type { Logger } from '@conference/service-runtime';
import { AwakeRooms } from './awake-rooms.js';
import type { FeedTrouble, RoomFeedListener } from './room-feed.js';
import { DoubtfulDepartures } from './doubtful-departures.js';
import { Gathering } from './gathering.js';
import type { KnownBefore } from './gathering.js';
import { KnownRooms } from './known-rooms.js';
import { adoptDates, datesOfRow } from './room-dates.js';
import type { KnownDates } from './room-dates.js';
import { StoredRows } from './stored-rows.js';
import type { TrackerMetrics } from './tracker-metrics.js';

/** Where the projection says what must be written. */
export interface ProjectionListener {
  /** `isWhole`: nothing that the store holds of its details counts any more. */
  onRoomChanged(roomId: string, isWhole: boolean): void;
  onRoomRemoved(roomId: string): void;
  /** All rooms are other rooms now: each must be written whole. */
  onEverythingChanged(): void;
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

export class RoomProjection implements RoomFeedListener {
  readonly #awake: AwakeRooms = new AwakeRooms((roomId) =>
    this.#gathering === undefined ? undefined : this.#rooms.get(roomId),
  );
  #rooms: KnownRooms = new KnownRooms(this.#awake);
  /** Rows from before this process; undefined until the store has told them. */
  #stored: StoredRows | undefined;
  /** Undefined while synchronised. */
  #gathering: Gathering | undefined = new Gathering(this.#awake);
  readonly #unreadable = new Set<string>();
  #trouble: FeedTrouble | undefined;
  readonly #doubtful = new DoubtfulDepartures();

  constructor(private readonly options: RoomProjectionOptions) {}

  /** The rooms as they are to be written. */
  get rooms(): Omit<KnownRooms, 'set' | 'delete' | 'apply'> {
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

  /**
   * What the store held when the right to write was taken; without it nothing can be settled.
   * @param malformed the roomIds under which something is stored that is no row
   */
  adoptStored(rows: readonly RoomRow[], malformed: readonly string[] = []): void {
    this.#unlessFailing(this.#adoptStored(rows, malformed));
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
      // One that is gone with its last occupant comes back.
      if (current === undefined) this.#rooms.set(room);
      this.#rooms.apply(room, { kind: 'occupant-present', occupant }, now());
      listener.onRoomChanged(roomId, current === undefined);
    }
    this.onInterrupted();
  }

  /** The connection is gone, or something was missed: everything must be read anew. */
  onInterrupted(): void {
    const wasSynchronised = this.isSynchronised;
    this.#gathering = new Gathering(this.#awake);
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
      this.#gathering.take(room, this.#known(), now());
      return;
    }
    const known = this.#knownDates(roomId);
    if (known !== undefined) adoptDates(room, known, now());
    this.#rooms.set(room);
    listener.onRoomChanged(roomId, true);
  }

  onDoubtfulDeparture(roomId: string, nick: string): void {
    const room = this.#gathering === undefined ? this.#rooms.get(roomId) : undefined;
    if (room !== undefined) this.#doubtful.note(room, nick, this.options.monotonicMs());
  }

  onRoomEvent(roomId: string, event: RoomEvent): void {
    const { metrics, listener, now } = this.options;
    const rooms = this.#gathering?.rooms ?? this.#rooms;
    const room = rooms.get(roomId);
    if (room === undefined) return;
    metrics.countEvent(event.kind);
    rooms.apply(room, event, now());
    if (this.#gathering !== undefined) return;
    this.options.onRoomEvent?.(roomId, event);
    listener.onRoomChanged(roomId, false);
  }

  onRoomGone(roomId: string): void {
    this.#unreadable.delete(roomId);
    if (this.#gathering !== undefined) {
      this.#gathering.forget(roomId);
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
    this.#unlessFailing(this.#settleWhenReady());
  }

  /** Nobody waits for this work: what is wrong with it is said, and keeps the picture from being live. */
  #unlessFailing(work: Promise<void>): void {
    work.catch((err: unknown) => {
      this.options.logger.error({ err }, 'the rooms could not be put together');
      this.#trouble = {
        reason: 'the rooms could not be put together; the log of the tracker says why',
      };
    });
  }

  #knownDates(roomId: string): KnownDates | undefined {
    const storedRow = this.#stored?.get(roomId);
    return this.#rooms.get(roomId) ?? (storedRow && datesOfRow(storedRow));
  }

  async #adoptStored(rows: readonly RoomRow[], malformed: readonly string[]): Promise<void> {
    const stored = new StoredRows();
    const slices = new Slices();
    for (const row of rows) {
      stored.set(row);
      const pause = slices.pause();
      if (pause !== undefined) await pause;
    }
    for (const roomId of malformed) stored.setMalformed(roomId);
    this.#stored = stored;
    await this.#settleWhenReady();
  }

  /** What was known before this connection; undefined until the store has told its rows. */
  #known(): KnownBefore | undefined {
    return this.#stored && { rooms: this.#rooms, stored: this.#stored };
  }

  async #settleWhenReady(): Promise<void> {
    const gathering = this.#gathering;
    const known = this.#known();
    const completeMs = gathering?.completeMs;
    if (completeMs === undefined || known === undefined) return;
    await gathering?.settle(known, this.options.now, (missing) => {
      // Nothing of an interrupted connection counts.
      if (this.#gathering === gathering) this.#adopt(gathering, known, missing, completeMs);
    });
  }

  /** What was gathered takes the place of what was known, and is written. */
  #adopt(
    gathering: Gathering,
    known: KnownBefore,
    missing: readonly string[],
    completeMs: number,
  ): void {
    const { listener, metrics, logger } = this.options;
    this.#rooms = gathering.rooms;
    this.#stored = new StoredRows();
    const kept = new Set<string>();
    for (const roomId of this.#unreadable) {
      const room = known.rooms.get(roomId);
      const row = known.stored.get(roomId);
      if (room !== undefined) this.#rooms.set(room);
      if (row !== undefined) this.#stored.set(row);
      if (room !== undefined || row !== undefined) kept.add(roomId);
    }
    const removed = missing.filter((roomId) => !kept.has(roomId));
    this.#gathering = undefined;
    metrics.countDrift(gathering.driftCount);
    logger.info(
      { rooms: this.#rooms.size, removed: removed.length, drift: gathering.driftCount },
      'the picture is whole',
    );
    for (const roomId of removed) listener.onRoomRemoved(roomId);
    listener.onEverythingChanged();
    listener.onPictureLive(completeMs);
  }
}
