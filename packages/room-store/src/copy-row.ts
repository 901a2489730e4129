/** Rows enter a store as copies, so that nobody's later change reaches what others read. */
import type { RoomRow } from '@conference/muc';

/** A frozen copy of a row with exactly the documented keys in the documented order. */
export function copyRow(row: RoomRow): RoomRow {
  const copy: RoomRow = {
    roomId: row.roomId,
    name: row.name,
    admins: row.admins,
    creationDate: row.creationDate,
    description: row.description,
    maxUsers: row.maxUsers,
    members: row.members,
    moderators: row.moderators,
    modificationDate: row.modificationDate,
    occupants: row.occupants,
    outcasts: row.outcasts,
    owners: row.owners,
    participants: row.participants,
    subject: row.subject,
    ...(row.emptyDate === undefined ? {} : { emptyDate: row.emptyDate }),
  };
  return Object.freeze(copy);
}
