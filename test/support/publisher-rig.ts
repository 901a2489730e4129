/** What the publisher's tests share: a memory store that fails on command, rooms, a publisher. */
import { ConferenceError, Room } from '@conference/muc';
import type { ErrorCode, RoomRow } from '@conference/muc';
import { createMemoryRoomStore } from '@conference/room-store';
import type { Commit, RoomStore, RoomWriter, WriterStatus } from '@conference/room-store';
import { createMetricsRegistry, createSilentLogger } from '@conference/service-runtime';
import { eventually } from './eventually.js';
import { Publisher } from '../../services/tracker/src/publisher.js';
import { createTrackerMetrics } from '../../services/tracker/src/tracker-metrics.js';

const SERVICE = 'conference.localhost';

/** A status of which nothing matters. */
export const STATUS: WriterStatus = { dependencies: [], metrics: '' };

/** A memory store that counts what is written, and fails on command. */
class WatchedStore {
  readonly inner: RoomStore = createMemoryRoomStore(SERVICE);
  readonly commits: Commit[] = [];
  resets = 0;
  attempts = 0;
  /** While set, every call fails so. */
  fault: ErrorCode | undefined;
  /** While set, reports fail; an empty commit, which only reads, does not. */
  isReadOnly = false;
  /** As after a flush: what was written is gone, until the next reset. */
  isLost = false;

  readonly store: Pick<RoomStore, 'readSnapshot'> = {
    readSnapshot: () => {
      this.#attempt();
      return this.inner.readSnapshot();
    },
  };

  watch(writer: RoomWriter): RoomWriter {
    return {
      epoch: writer.epoch,
      commit: async (commit) => {
        this.#attempt();
        if (this.isLost) throw new ConferenceError('store-lost', 'flushed');
        const revision = await writer.commit(commit);
        this.commits.push(commit);
        return revision;
      },
      reset: async () => {
        this.#attempt();
        const revision = await writer.reset();
        this.resets += 1;
        this.isLost = false;
        return revision;
      },
      report: async (status) => {
        this.#attempt();
        if (this.isReadOnly) throw new ConferenceError('store-unavailable', 'READONLY');
        await writer.report(status);
      },
      renewLease: () => writer.renewLease(),
      releaseLease: () => writer.releaseLease(),
    };
  }

  #attempt(): void {
    this.attempts += 1;
    if (this.fault !== undefined) throw new ConferenceError(this.fault, 'the store is away');
  }
}

/** A publisher over a watched store, not started yet. */
export class PublisherRig {
  readonly rooms = new Map<string, Room>();
  readonly storedRows: (readonly RoomRow[])[] = [];
  onStored: () => void = () => undefined;
  /** How often a report was due at once. */
  dueReports = 0;
  /** How often it was said that another writer took over. */
  fencings = 0;
  /** What was logged as a warning. */
  readonly warnings: string[] = [];
  readonly publisher: Publisher;

  private constructor(
    readonly watched: WatchedStore,
    writer: RoomWriter,
  ) {
    this.publisher = new Publisher({
      store: watched.store,
      writer,
      onFenced: () => (this.fencings += 1),
      rooms: () => this.rooms,
      onStored: ({ rows }) => {
        this.storedRows.push(rows);
        this.onStored();
      },
      onReportDue: () => (this.dueReports += 1),
      delayMs: 5,
      metrics: createTrackerMetrics(createMetricsRegistry())(SERVICE),
      logger: {
        ...createSilentLogger(),
        warn: (_fields, message) => void this.warnings.push(message),
      },
      now: () => 1_000,
      random: () => 0,
    });
  }

  /** @param prepare writes to the store before the publisher gets the right to write. */
  static async create(prepare?: (writer: RoomWriter) => Promise<unknown>): Promise<PublisherRig> {
    const watched = new WatchedStore();
    await prepare?.(await watched.inner.openWriter());
    return new PublisherRig(watched, watched.watch(await watched.inner.openWriter()));
  }

  /** Starts the publisher and waits until it writes. */
  async start(): Promise<void> {
    this.publisher.start();
    const { publisher } = this;
    await eventually(() => publisher.status.state === 'writing', Boolean, { what: 'the writing' });
  }

  putRoom(roomId: string, occupants = 0): Room {
    const room = this.rooms.get(roomId) ?? new Room(roomId, 0);
    this.rooms.set(roomId, room);
    for (let i = 0; i < occupants; i += 1) {
      room.putOccupant({ nick: `n${i}`, role: 'visitor', affiliation: 'none' });
    }
    this.publisher.put(roomId, true);
    return room;
  }

  /** Waits until the store holds exactly the rooms, under this picture. */
  async untilStored(picture: string): Promise<void> {
    const expected = () =>
      JSON.stringify(sorted([...this.rooms.values()].map((room) => room.toRow())));
    await eventually(
      () => this.watched.inner.readSnapshot(),
      (snapshot) =>
        snapshot.picture.state === picture && JSON.stringify(sorted(snapshot.rows)) === expected(),
      { what: `the store to be ${picture} and to hold all rooms`, intervalMs: 5 },
    );
  }
}

function sorted(rows: readonly RoomRow[]): RoomRow[] {
  return [...rows].sort((a, b) => (a.roomId < b.roomId ? -1 : 1));
}
