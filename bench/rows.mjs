/** Rows for the load: some 430 bytes each, no two alike. */

/**
 * @param {number} count
 * @param {string} siteId
 * @returns {import('@conference/muc').RoomRow[]}
 */
export function makeRows(count, siteId) {
  return Array.from({ length: count }, (_, index) => {
    const number = String(index).padStart(5, '0');
    const occupants = index % 7;
    const date = new Date(Date.UTC(2012, 5, 25, 17, 21, 33, 747) + index * 61_007).toISOString();
    return {
      roomId: `room${number}|${siteId}`,
      name: `Room ${number} of the house`,
      admins: index % 3,
      creationDate: date,
      description: `What is spoken of in room number ${number}`,
      maxUsers: (index % 5) * 10,
      members: index % 11,
      moderators: Math.min(1, occupants),
      modificationDate: date,
      occupants,
      outcasts: index % 2,
      owners: 1,
      participants: Math.max(0, occupants - 1),
      subject: `The current subject in room ${number}`,
      ...(occupants === 0 ? { emptyDate: date } : {}),
    };
  });
}
