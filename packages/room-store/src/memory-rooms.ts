/** State of the memory store and its steps; each runs whole or throws before it changes anything. */
import { randomUUID } from 'node:crypto';
import { ConferenceError, isSameRow, type Occupant, type RoomRow } from '@conference/muc';
import { ChangeLog, type KeptChanges } from './change-log.js';
import { MemoryLease } from './memory-lease.js';
import { copyRow } from './copy-row.js';
import { netChanges } from './net-changes.js';
import { WAITING_TTL_MS } from './room-store.js';
import type {
  Affiliated,
  AnnouncedTracker,
  Commit,
  DetailChange,
  LeaseClaim,
  LeaseView,
  Picture,
  Revision,
  RoomDetail,
  Snapshot,
  WriterReport,
  WriterStatus,
} from './room-store.js';

interface StoredRoom {
  row: RoomRow;
  readonly occupants: Map<string, Occupant>;
  readonly affiliations: Map<string, Affiliated>;
}

interface StoredReport {
  readonly epoch: number;
  readonly status: WriterStatus;
  readonly reportedAtMs: number;
}

export class MemoryRooms {
  readonly log: ChangeLog;
  #epoch = 0;
  #picture: Picture = { state: 'loading' };
  #report: StoredReport | undefined;
  #waiting: { readonly status: WriterStatus; readonly reportedAtMs: number } | undefined;
  #committedAtMs: number | undefined;
  readonly #rooms = new Map<string, StoredRoom>();
  readonly #lease: MemoryLease;

  constructor(
    kept: KeptChanges,
    private readonly clock: () => number,
  ) {
    this.log = new ChangeLog(kept);
    this.#lease = new MemoryLease(clock);
  }

  /** Gives the writer's place away and returns the new epoch. */
  openWriter(claim?: LeaseClaim): number {
    this.#lease.take(claim, this.#epoch);
    this.#epoch += 1;
    if (this.log.end.incarnation === '') {
      this.#beginIncarnation();
      return this.#epoch;
    }
    const isLive = this.#picture.state === 'live';
    this.#append({
      changes: [],
      ...(isLive ? { picture: { state: 'stale', since: this.#lastAlive() } } : {}),
    });
    return this.#epoch;
  }

  commit(epoch: number, commit: Commit): Revision {
    this.#checkEpoch(epoch);
    if (commit.changes.length > 0 || commit.picture !== undefined) {
      this.#append(commit);
      this.#committedAtMs = this.clock();
    }
    return this.log.end.revision;
  }

  reset(epoch: number): Revision {
    this.#checkEpoch(epoch);
    this.#beginIncarnation();
    return this.log.end.revision;
  }

  report(epoch: number, status: WriterStatus): void {
    this.#checkEpoch(epoch);
    this.#report = { epoch, status: structuredClone(status), reportedAtMs: this.clock() };
  }

  renewLease(epoch: number, claim: LeaseClaim | undefined): void {
    this.#checkEpoch(epoch);
    this.#lease.renew(claim);
  }

  releaseLease(claim: LeaseClaim | undefined): void {
    this.#lease.release(claim);
  }

  announceTracker(tracker: AnnouncedTracker): LeaseView {
    this.#lease.announce(tracker);
    return this.readLease();
  }

  readLease(): LeaseView {
    return this.#lease.view(this.#epoch);
  }

  reportWaiting(status: WriterStatus): void {
    this.#waiting = { status: structuredClone(status), reportedAtMs: this.clock() };
  }

  readWaitingReport(): WriterStatus | undefined {
    if (this.#waiting === undefined) {
      return undefined;
    }
    const { status, reportedAtMs } = this.#waiting;
    return this.clock() - reportedAtMs < WAITING_TTL_MS ? structuredClone(status) : undefined;
  }

  readSnapshot(): Snapshot {
    return {
      cursor: this.log.end,
      picture: this.#picture,
      rows: Array.from(this.#rooms.values(), (room) => room.row),
      malformed: [],
    };
  }

  readRoom(roomId: string): RoomDetail | undefined {
    const room = this.#rooms.get(roomId);
    return (
      room && {
        row: room.row,
        occupants: [...room.occupants.values()],
        affiliations: [...room.affiliations.values()],
      }
    );
  }

  readWriterReport(): WriterReport | undefined {
    return (
      this.#report && {
        ...structuredClone(this.#report.status),
        epoch: this.#report.epoch,
        ageMs: Math.max(0, this.clock() - this.#report.reportedAtMs),
      }
    );
  }

  #checkEpoch(epoch: number): void {
    if (epoch !== this.#epoch) {
      throw new ConferenceError('writer-fenced', 'Another writer took over.');
    }
  }

  #lastAlive(): string {
    const signs = [this.#report?.reportedAtMs, this.#committedAtMs].filter(
      (at) => at !== undefined,
    );
    return new Date(signs.length === 0 ? this.clock() : Math.max(...signs)).toISOString();
  }

  #beginIncarnation(): void {
    this.#rooms.clear();
    this.#picture = { state: 'loading' };
    this.log.append({
      cursor: { incarnation: randomUUID(), revision: this.log.end.revision + 1 },
      rowsPut: [],
      roomIdsRemoved: [],
      picture: this.#picture,
    });
  }

  #append(commit: Commit): void {
    const rowsPut: RoomRow[] = [];
    const roomIdsRemoved: string[] = [];
    for (const change of netChanges(commit.changes)) {
      if (change.kind === 'put') {
        const before = this.#rooms.get(change.row.roomId)?.row;
        const row = this.#put(copyRow(change.row), change.details);
        if (before === undefined || !isSameRow(before, row)) rowsPut.push(row);
      } else {
        this.#rooms.delete(change.roomId);
        roomIdsRemoved.push(change.roomId);
      }
    }
    this.#picture = commit.picture === undefined ? this.#picture : { ...commit.picture };
    const { incarnation, revision } = this.log.end;
    this.log.append({
      cursor: { incarnation, revision: revision + 1 },
      rowsPut,
      roomIdsRemoved,
      ...(commit.picture === undefined ? {} : { picture: this.#picture }),
      ...(commit.observedAtMs === undefined ? {} : { observedAtMs: commit.observedAtMs }),
    });
  }

  #put(row: RoomRow, details: DetailChange | undefined): RoomRow {
    const room = this.#rooms.get(row.roomId) ?? {
      row,
      occupants: new Map<string, Occupant>(),
      affiliations: new Map<string, Affiliated>(),
    };
    room.row = row;
    this.#rooms.set(row.roomId, room);
    if (details !== undefined) {
      applyDetails(room, details);
    }
    return row;
  }
}

function applyDetails(room: StoredRoom, details: DetailChange): void {
  if (details.isWhole === true) {
    room.occupants.clear();
    room.affiliations.clear();
  }
  for (const nick of details.occupantsRemoved ?? []) {
    room.occupants.delete(nick);
  }
  for (const occupant of details.occupantsPut ?? []) {
    room.occupants.set(occupant.nick, Object.freeze({ ...occupant }));
  }
  for (const bareJid of details.affiliationsRemoved ?? []) {
    room.affiliations.delete(bareJid);
  }
  for (const affiliated of details.affiliationsPut ?? []) {
    room.affiliations.set(affiliated.bareJid, Object.freeze({ ...affiliated }));
  }
}
