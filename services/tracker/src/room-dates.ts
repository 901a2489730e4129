/** Carries over what no server tells, from what was known of a room to a fresh read of it. */
import type { Room, RoomConfiguration, RoomRow } from '@conference/muc';

/** What was known: a room in memory, or a row from the store. */
export interface KnownDates {
  readonly creationMs: number;
  readonly modificationMs: number;
  readonly emptyMs: number | undefined;
  readonly configuration: Pick<RoomConfiguration, 'name' | 'description' | 'maxUsers'>;
}

/** The dates of a stored row, and the configuration they belong to. */
export function datesOfRow(row: RoomRow): KnownDates {
  return {
    creationMs: Date.parse(row.creationDate),
    modificationMs: Date.parse(row.modificationDate),
    emptyMs: row.emptyDate === undefined ? undefined : Date.parse(row.emptyDate),
    configuration: {
      name: row.name === row.roomId ? '' : row.name,
      description: row.description === row.roomId ? '' : row.description,
      maxUsers: row.maxUsers,
    },
  };
}

/** The server's clock and ours may differ by this much. */
const CLOCK_TOLERANCE_MS = 1_000;

/**
 * Gives a freshly read room its known dates. A configuration that differs from the known one was
 * changed unseen: that change is dated now, unless the server dates it itself. A room that was
 * empty and still is stays empty since then; one that emptied unseen is empty since now. A room
 * that the server says was created after what is known is another room and takes nothing over.
 */
export function adoptDates(fresh: Room, known: KnownDates, nowMs: number): void {
  if (fresh.isCreationTold && fresh.creationMs > known.creationMs + CLOCK_TOLERANCE_MS) return;
  const isModificationDated = fresh.modificationMs !== fresh.creationMs;
  const hasChangedUnseen = configuredAs(fresh.configuration) !== configuredAs(known.configuration);
  if (!fresh.isCreationTold) fresh.creationMs = known.creationMs;
  if (isModificationDated) {
    fresh.modificationMs = Math.max(fresh.modificationMs, known.modificationMs);
  } else {
    fresh.modificationMs = hasChangedUnseen ? nowMs : known.modificationMs;
  }
  fresh.modificationMs = Math.max(fresh.modificationMs, fresh.creationMs);
  if (fresh.isEmpty) fresh.emptyMs = known.emptyMs ?? Math.max(nowMs, fresh.creationMs);
}

function configuredAs(configuration: KnownDates['configuration']): string {
  const { name, description, maxUsers } = configuration;
  return JSON.stringify([name, description, maxUsers]);
}
