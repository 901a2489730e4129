import type { ListedAffiliation, Occupant, RoomRow, ServiceCapabilities } from '@conference/muc';

/**
 * The port behind which rooms live: one store holds the rooms of one MUC service. The tracker is
 * its one writer, any number of facades read. Two adapters (memory, Redis) under one contract
 * suite.
 *
 * Failures of every method: `store-unavailable` (retryable) when the store cannot be reached, is
 * read-only, full or loading, or does not answer by the deadline.
 */
export interface RoomStore {
  /** The MUC service whose rooms these are, e.g. `conference.example.org`. */
  readonly mucService: string;

  /**
   * Takes the writer's place. The epoch (fencing token) rises, in the same step every earlier
   * writer loses the right to write. Rows and incarnation stay; a live picture becomes stale since
   * the earlier writer was last known alive (its last report or commit), and the change stream
   * says so.
   *
   * With a claim only where nobody else holds the lease, which then is the claimant's: else fails
   * with `lease-held`. Without one the place is taken from whoever holds it, lease or not.
   */
  openWriter(claim?: LeaseClaim): Promise<RoomWriter>;

  /**
   * Says that a tracker is there which could follow the service, and tells who follows it and who
   * else could. To be said again and again.
   */
  announceTracker(tracker: AnnouncedTracker): Promise<LeaseView>;

  /** Tells the same to one that could not follow the service now, and does not say it is there. */
  readLease(): Promise<LeaseView>;

  /** Every row with the place in the change stream from which `follow` continues exactly. */
  readSnapshot(): Promise<Snapshot>;

  /**
   * The changes after a cursor, in order, none left out and none twice, until the signal aborts
   * (then it ends without an error). Waits for new ones without polling.
   * Fails with `cursor-lost` when the place is gone (the reader fell behind the kept part of the
   * stream, or the store was flushed, restored or written anew): read a snapshot and go on there.
   */
  follow(cursor: Cursor, signal: AbortSignal): AsyncIterable<ChangeBatch>;

  /** One room whole, or undefined where there is none, or its row is none. */
  readRoom(roomId: string): Promise<RoomDetail | undefined>;

  /** What the writer said last of itself, and when; undefined where none has ever written. */
  readWriterReport(): Promise<WriterReport | undefined>;

  /**
   * Says how a tracker fares that may not write (yet), so that somebody can tell why. Touches
   * nothing that a writer wrote, is no sign that anybody follows the rooms, and is forgotten after
   * {@link WAITING_TTL_MS}, so that it is to be said again and again.
   */
  reportWaiting(status: WriterStatus): Promise<void>;

  /** What a tracker that may not write said last of itself; undefined where none says so now. */
  readWaitingReport(): Promise<WriterStatus | undefined>;

  /**
   * Lets go of connections; ends followers as their signals would. May be called twice. Later
   * calls fail with `store-unavailable`.
   */
  close(): Promise<void>;
}

/** The right to write, until another writer opens. Calls are made one after another. */
export interface RoomWriter {
  /** Fencing token: higher than that of every earlier writer. */
  readonly epoch: number;

  /**
   * Makes all changes of the commit visible at once, as one entry of the change stream (or, for
   * an empty commit, none at all), and returns the new revision. Several changes of one room come
   * to their sum, in their order. The entry tells only the rows that differ from those stored, so
   * that writing everything again tells readers nothing twice.
   *
   * After `store-unavailable` the commit may have been made all the same. Handing the same object
   * in again applies it once; so may a later commit be made that takes its place.
   *
   * Fails with `writer-fenced` when another writer opened since, and with `store-lost` when the
   * store does not hold what this writer wrote last (flushed, or restored from an older state):
   * then nothing was written, and `reset` must come first.
   */
  commit(commit: Commit): Promise<Revision>;

  /**
   * Empties the store under a new incarnation whose picture is `loading`, so that everything can
   * be written again. Readers keep what they have until the picture is `live`.
   * Fails with `writer-fenced`.
   */
  reset(): Promise<Revision>;

  /**
   * Says that the writer lives, and how it fares. Costs no entry of the stream. An idle writer
   * learns by it what a commit would have told: fails with `writer-fenced` and `store-lost`.
   */
  report(report: WriterStatus): Promise<void>;

  /**
   * Makes the lease last from now on as long as was claimed; does nothing without a claim.
   * Fails with `writer-fenced`, and with `store-lost` where the store knows of no writer.
   */
  renewLease(): Promise<void>;

  /** Ends the lease at once, if it is still held, so that another tracker need not wait for it. */
  releaseLease(): Promise<void>;
}

/** A tracker's wish to be the only one that follows a MUC service, for a while. */
export interface LeaseClaim {
  /** Names the tracker: the domain of its component. */
  readonly tracker: string;
  /** Names this process; an earlier one of the same tracker has another name. No spaces. */
  readonly instance: string;
  /** How long the lease lasts unless it is renewed, in ms. */
  readonly leaseMs: number;
  /**
   * A lease of an earlier process of the same tracker is no hindrance: the XMPP server, which lets
   * one connection hold a domain, has just accepted us.
   */
  readonly isSuccessor?: boolean;
  /**
   * The epoch of the writer that was seen last. A store that knows of none so high has lost what
   * that writer wrote, and it has the first right to write it again: `lease-held`.
   */
  readonly seenEpoch?: number;
}

/** What a tracker says of itself to the others that could follow the same service. */
export interface AnnouncedTracker {
  /** The domain of its component. */
  readonly tracker: string;
  /** How many MUC services it follows now. */
  readonly followed: number;
}

/** How the lease of a MUC service stands. */
export interface LeaseView {
  /** The tracker that holds it; undefined while nobody does. */
  readonly holder:
    | {
        readonly tracker: string;
        readonly instance: string;
        /** Until the lease ends unless it is renewed, in ms by the store's own clock. */
        readonly remainingMs: number;
      }
    | undefined;
  /** The epoch of the last writer; 0 where there was none. */
  readonly epoch: number;
  /** Every tracker that announced itself within {@link TRACKER_REMEMBERED_MS}. */
  readonly trackers: readonly (AnnouncedTracker & {
    /** How long ago, in ms by the store's own clock. */
    readonly ageMs: number;
  })[];
}

/** How long a tracker is remembered that announces itself no more: it may have left ghosts. */
export const TRACKER_REMEMBERED_MS = 7 * 24 * 3_600_000;

/** How long a waiting tracker's report is kept, in ms. */
export const WAITING_TTL_MS = 5_000;

/** Number of a commit; only grows, also over incarnations. There may be gaps between numbers. */
export type Revision = number;

/** A reader's place in the change stream. */
export interface Cursor {
  /** Changes whenever the store begins anew; opaque. */
  readonly incarnation: string;
  readonly revision: Revision;
}

/**
 * How far the rows can be trusted.
 * - `loading`: not yet whole in this incarnation; never to be served as a list.
 * - `live`: whole and followed, without interruption since `since` (ISO 8601) where that is told.
 * - `stale`: was whole at `since` (ISO 8601) and has not been followed after that.
 */
export type Picture =
  | { readonly state: 'loading' }
  | { readonly state: 'live'; readonly since?: string }
  | { readonly state: 'stale'; readonly since: string };

/** Everything that becomes visible in one step. */
export interface Commit {
  readonly changes: readonly RoomChange[];
  /** Set where the picture changes with this commit. */
  readonly picture?: Picture;
  /** When the earliest of these changes reached the tracker, in ms since 1970: for the lag. */
  readonly observedAtMs?: number;
}

export type RoomChange = PutRoom | RemoveRoom;

/** The whole row, and of the details, which may be large, only what changed. */
export interface PutRoom {
  readonly kind: 'put';
  readonly row: RoomRow;
  readonly details?: DetailChange;
}

/** The room is gone, its details too. Removing an absent room is no error. */
export interface RemoveRoom {
  readonly kind: 'remove';
  readonly roomId: string;
}

/** Removals are applied before what is put. */
export interface DetailChange {
  /** Forget all details before the rest is applied: the rest is the whole. */
  readonly isWhole?: boolean;
  readonly occupantsPut?: readonly Occupant[];
  /** Nicks. */
  readonly occupantsRemoved?: readonly string[];
  readonly affiliationsPut?: readonly Affiliated[];
  /** Bare JIDs. */
  readonly affiliationsRemoved?: readonly string[];
}

export interface Affiliated {
  readonly bareJid: string;
  readonly affiliation: ListedAffiliation;
}

export interface RoomDetail {
  readonly row: RoomRow;
  readonly occupants: readonly Occupant[];
  readonly affiliations: readonly Affiliated[];
}

export interface Snapshot {
  readonly cursor: Cursor;
  readonly picture: Picture;
  /** In no particular order. */
  readonly rows: readonly RoomRow[];
  /**
   * The roomIds under which something is stored that is no row, for whatever reason: the rooms are
   * not all there until a writer has put or removed these.
   */
  readonly malformed: readonly string[];
}

/** One entry of the change stream, without the details. */
export interface ChangeBatch {
  readonly cursor: Cursor;
  readonly rowsPut: readonly RoomRow[];
  readonly roomIdsRemoved: readonly string[];
  readonly picture?: Picture;
  readonly observedAtMs?: number;
}

/** One thing the writer depends on. */
export interface DependencyStatus {
  readonly name: string;
  readonly isReady: boolean;
  /** A sentence for people; present when not ready. Anybody may be shown it: it names no room. */
  readonly reason?: string;
  /** What only those who run the service are to see, such as which rooms it is about. */
  readonly detail?: string;
}

export interface WriterStatus {
  readonly dependencies: readonly DependencyStatus[];
  /** The writer's metrics in Prometheus' text format. */
  readonly metrics: string;
  /** What is known of the MUC service itself; absent while the writer has not found it out. */
  readonly capabilities?: ServiceCapabilities;
}

export interface WriterReport extends WriterStatus {
  readonly epoch: number;
  /** How long ago the report was made, in ms by the store's own clock. */
  readonly ageMs: number;
}
