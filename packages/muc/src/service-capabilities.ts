/**
 * What is known of a MUC service itself: its software, how it is followed, and where each field
 * of a room's row comes from there.
 */
import type { ROOM_ROW_KEYS } from './room-row.js';

/** How the rooms of a MUC service are followed: by being in them, or by a feed that it sends. */
export const FOLLOWING_KINDS = ['joined', 'fed'] as const;

export type FollowingKind = (typeof FOLLOWING_KINDS)[number];

/**
 * Where the value of a field comes from.
 * - `server`: the MUC service tells it.
 * - `observed`: the service does not tell it; the tracker has seen it happen, and dates it so.
 * - `unknown`: the service does not tell it and nobody can see it; the documented default stands.
 */
export const FIELD_SOURCES = ['server', 'observed', 'unknown'] as const;

export type FieldSource = (typeof FIELD_SOURCES)[number];

/** The source of every documented field of a room. */
export type FieldSources = Readonly<Record<(typeof ROOM_ROW_KEYS)[number], FieldSource>>;

/** What a server says that it runs. @see XEP-0092 */
export interface ServerSoftware {
  readonly name: string;
  /** As the server writes it; absent where it tells none. */
  readonly version?: string;
}

/** What the tracker tells of a MUC service. */
export interface ServiceCapabilities {
  /** Absent where the service does not tell it, or not yet. */
  readonly software?: ServerSoftware;
  readonly following: FollowingKind;
  readonly fields: FieldSources;
}
