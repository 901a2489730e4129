/** What the tracker counts, in Prometheus' terms. Never labelled by room. */
import type { RoomEventKind } from '@conference/muc';
import { Counter, Gauge } from '@conference/service-runtime';
import type { Registry } from '@conference/service-runtime';
import { DIFFERENCE_KINDS } from './audit/room-difference.js';
import type { DifferenceKind } from './audit/room-difference.js';

/** The metrics of one MUC service. */
export interface TrackerMetrics {
  countEvent(kind: RoomEventKind | 'room-read' | 'room-gone'): void;
  /** Rooms whose row had changed unseen when everything was read anew. */
  countDrift(rooms: number): void;
  /** A room that the audit has read beside what is told. */
  countAuditedRoom(): void;
  /** What the audit found to be other than the server says. */
  countAuditDrift(kind: DifferenceKind, differences: number): void;
  countReconnect(): void;
  countCommit(changes: number): void;
  setSyncProgress(read: number, total: number): void;
  setUnreadableRooms(rooms: number): void;
  setKeptOutRooms(rooms: number): void;
  setPublishQueue(rooms: number): void;
  setRooms(rooms: number, occupants: number): void;
}

/** Registers the metrics once; the returned function makes those of one MUC service. */
export function createTrackerMetrics(registry: Registry): (mucService: string) => TrackerMetrics {
  const shared = { registers: [registry], labelNames: ['muc_service'] as const };
  const events = new Counter({
    name: 'conference_tracker_events_total',
    help: 'Room events taken in, by kind.',
    registers: [registry],
    labelNames: ['muc_service', 'kind'] as const,
  });
  const drift = new Counter({
    ...shared,
    name: 'conference_tracker_drift_rooms_total',
    help: 'Rooms found different from what was known when everything was read anew.',
  });
  const audited = new Counter({
    ...shared,
    name: 'conference_tracker_audited_rooms_total',
    help: 'Rooms that were read again to see whether what is known of them is right.',
  });
  const auditDrift = new Counter({
    name: 'conference_tracker_audit_drift_total',
    help: 'What was known of rooms and was found to be wrong, by kind. 0 in a healthy run.',
    registers: [registry],
    labelNames: ['muc_service', 'kind'] as const,
  });
  const reconnects = new Counter({
    ...shared,
    name: 'conference_tracker_reconnects_total',
    help: 'Times the XMPP connection came up again.',
  });
  const commits = new Counter({
    ...shared,
    name: 'conference_tracker_commits_total',
    help: 'Writes to the store.',
  });
  const changes = new Counter({
    ...shared,
    name: 'conference_tracker_committed_changes_total',
    help: 'Room changes within those writes.',
  });
  const gauge = (name: string, help: string) =>
    new Gauge({ ...shared, name: `conference_tracker_${name}`, help });
  const rooms = gauge('rooms', 'Rooms followed.');
  const occupants = gauge('occupants', 'Occupants in all rooms, the tracker not counted.');
  const syncRead = gauge('sync_rooms_read', 'Rooms read since the connection came up.');
  const syncTotal = gauge('sync_rooms_total', 'Rooms to read since the connection came up.');
  const unreadable = gauge('unreadable_rooms', 'Rooms that exist and could not be read.');
  const keptOut = gauge(
    'kept_out_rooms',
    'Rooms out of which we are thrown again and again, while we are out.',
  );
  const queue = gauge('publish_queue_rooms', 'Rooms changed and not yet written.');
  return (mucService) => {
    const label = { muc_service: mucService };
    for (const counter of [drift, audited, reconnects, commits, changes]) counter.inc(label, 0);
    for (const kind of DIFFERENCE_KINDS) auditDrift.inc({ ...label, kind }, 0);
    return {
      countEvent: (kind) => events.inc({ ...label, kind }),
      countDrift: (count) => drift.inc(label, count),
      countAuditedRoom: () => audited.inc(label),
      countAuditDrift: (kind, count) => auditDrift.inc({ ...label, kind }, count),
      countReconnect: () => reconnects.inc(label),
      countCommit: (count) => {
        commits.inc(label);
        changes.inc(label, count);
      },
      setSyncProgress: (read, total) => {
        syncRead.set(label, read);
        syncTotal.set(label, total);
      },
      setUnreadableRooms: (count) => unreadable.set(label, count),
      setKeptOutRooms: (count) => keptOut.set(label, count),
      setPublishQueue: (count) => queue.set(label, count),
      setRooms: (roomCount, occupantCount) => {
        rooms.set(label, roomCount);
        occupants.set(label, occupantCount);
      },
    };
  };
}
