/**
 * One room as `GET /v1/conference.json` has always shown it: these keys, in this order.
 *
 * All dates are ISO 8601 in UTC with milliseconds. Invariants of every row that is ever served:
 * `occupants ≥ moderators + participants` (the rest are visitors), `emptyDate` is present if and
 * only if `occupants` is 0, and `modificationDate ≥ creationDate`.
 */
export interface RoomRow {
  /** Localpart of the room's JID, as the server normalised it, XEP-0106 escapes kept. */
  readonly roomId: string;
  /** Configured title; without one, the roomId. */
  readonly name: string;
  /** Bare JIDs on the admin list, present or not. */
  readonly admins: number;
  /** When the room was created, or first seen where the server tells nothing. */
  readonly creationDate: string;
  /** Configured description; without one, the roomId. */
  readonly description: string;
  /** 0 = no limit. */
  readonly maxUsers: number;
  /** Bare JIDs on the member list, present or not. */
  readonly members: number;
  /** Present occupants whose role is moderator. */
  readonly moderators: number;
  /** Last configuration change seen; the creation date until then. */
  readonly modificationDate: string;
  /** Present occupants of every role, one for each nick. */
  readonly occupants: number;
  /** Bare JIDs on the ban list. */
  readonly outcasts: number;
  /** Bare JIDs on the owner list, present or not. */
  readonly owners: number;
  /** Present occupants whose role is participant. */
  readonly participants: number;
  /** Current subject; `""` without one. */
  readonly subject: string;
  /** Since when nobody is in the room; only on empty rooms. */
  readonly emptyDate?: string;
}

/** The documented keys in the documented order; `emptyDate` is last and may be absent. */
export const ROOM_ROW_KEYS = [
  'roomId',
  'name',
  'admins',
  'creationDate',
  'description',
  'maxUsers',
  'members',
  'moderators',
  'modificationDate',
  'occupants',
  'outcasts',
  'owners',
  'participants',
  'subject',
  'emptyDate',
] as const satisfies readonly (keyof RoomRow)[];

const INSTANT =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

/**
 * Tells whether a value has every key of a row, each of its kind; what the counts and dates say of
 * each other is not looked at. Cheap, for there may be a million: no schema.
 */
export function isRoomRow(value: unknown): value is RoomRow {
  if (typeof value !== 'object' || value === null) return false;
  const row = value as Partial<Record<keyof RoomRow, unknown>>;
  return (
    typeof row.roomId === 'string' &&
    typeof row.name === 'string' &&
    typeof row.description === 'string' &&
    typeof row.subject === 'string' &&
    isCount(row.admins) &&
    isCount(row.maxUsers) &&
    isCount(row.members) &&
    isCount(row.moderators) &&
    isCount(row.occupants) &&
    isCount(row.outcasts) &&
    isCount(row.owners) &&
    isCount(row.participants) &&
    isInstant(row.creationDate) &&
    isInstant(row.modificationDate) &&
    (row.emptyDate === undefined || isInstant(row.emptyDate))
  );
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isInstant(value: unknown): boolean {
  return typeof value === 'string' && INSTANT.test(value);
}

/** Tells whether two rows say the same. */
export function isSameRow(a: RoomRow, b: RoomRow): boolean {
  return ROOM_ROW_KEYS.every((key) => a[key] === b[key]);
}
