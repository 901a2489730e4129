/** A projection without a feed and a store: what it is told, what it tells, and its clock. */
import { applyRoomEvent, Room } from '@conference/muc';
import type { RoomEvent, RoomRow } from '@conference/muc';
import { createMetricsRegistry, createSilentLogger } from '@conference/service-runtime';
import { RoomProjection } from '../../services/tracker/src/room-projection.js';
import { createTrackerMetrics } from '../../services/tracker/src/tracker-metrics.js';
import { readCount } from './metric.js';

export class ProjectionRig {
  nowMs = 1_000_000;
  /** How much later a clock would be that nobody sets. */
  setBackMs = 0;
  /** What the projection told, in words. */
  readonly told: string[] = [];
  /** As it was told with the last live picture. */
  followedSinceMs: number | undefined;
  readonly projection: RoomProjection;
  readonly #registry = createMetricsRegistry();

  constructor() {
    const { told } = this;
    this.projection = new RoomProjection({
      metrics: createTrackerMetrics(this.#registry)('conference.localhost'),
      logger: createSilentLogger(),
      now: () => this.nowMs,
      monotonicMs: () => this.nowMs + this.setBackMs,
      listener: {
        onRoomChanged: (roomId, isWhole) => told.push(`${isWhole ? 'whole' : 'changed'} ${roomId}`),
        onRoomRemoved: (roomId) => told.push(`removed ${roomId}`),
        onEverythingChanged: () => {
          for (const roomId of this.projection.rooms.keys()) told.push(`whole ${roomId}`);
        },
        onPictureLive: (sinceMs) => {
          told.push('live');
          this.followedSinceMs = sinceMs;
        },
        onPictureStale: (sinceMs) => told.push(`stale ${sinceMs}`),
      },
    });
  }

  /** A room as a feed reads it now, with these occupants. */
  read(roomId: string, nicks: readonly string[] = ['A']): Room {
    const room = new Room(roomId, this.nowMs);
    for (const nick of nicks) applyRoomEvent(room, present(nick), this.nowMs);
    return room;
  }

  /** Everything of one connection: rooms are read, then all is said to be read. */
  synchronise(...rooms: readonly Room[]): void {
    for (const room of rooms) this.projection.onRoomRead(room);
    this.projection.onSynchronised();
  }

  /** What was told since the last call. */
  takeTold(): string[] {
    return this.told.splice(0);
  }

  rowOf(roomId: string): RoomRow | undefined {
    return this.projection.rooms.get(roomId)?.toRow();
  }

  /** How many rooms had changed unseen, in all. */
  countDriftedRooms(): Promise<number> {
    return readCount(this.#registry, 'conference_tracker_drift_rooms_total');
  }
}

/** Somebody is in. */
export function present(nick: string): RoomEvent {
  return {
    kind: 'occupant-present',
    occupant: { nick, role: 'participant', affiliation: 'none' },
  };
}
