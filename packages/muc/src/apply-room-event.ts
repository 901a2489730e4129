/**
 * (room, event) → room: the one place where a room's state changes. Events may come twice or out
 * of date; applying one again changes nothing, and a fresh read settles what was missed. No clock
 * of its own: the time is an argument.
 */
import type { Affiliation, ListedAffiliation } from './affiliation.js';
import type { Room } from './room.js';
import type { RoomEvent } from './room-event.js';

/**
 * Applies one event.
 * @param nowMs ms since 1970, for the dates that the event sets.
 */
export function applyRoomEvent(room: Room, event: RoomEvent, nowMs: number): void {
  switch (event.kind) {
    case 'occupant-present':
      room.putOccupant(event.occupant);
      break;
    case 'occupant-left':
      room.removeOccupant(event.nick);
      break;
    case 'nick-changed': {
      const occupant = room.removeOccupant(event.nick);
      if (occupant !== undefined) room.putOccupant({ ...occupant, nick: event.newNick });
      break;
    }
    case 'affiliation-set':
      room.setAffiliation(event.bareJid, listed(event.affiliation));
      break;
    case 'subject-set':
      room.subject = event.subject;
      break;
    case 'configuration-changed':
      // A clock set back must not put the change before the creation.
      room.modificationMs = Math.max(event.atMs ?? nowMs, room.creationMs);
      break;
    case 'configuration-read':
      room.configuration = event.configuration;
      break;
    case 'occupants-confirmed':
      for (const nick of [...room.occupants.keys()]) {
        if (!event.nicks.has(nick)) room.removeOccupant(nick);
      }
      break;
    case 'affiliation-listed':
      replaceList(room, event.affiliation, new Set(event.bareJids));
      break;
  }
  if (!room.isEmpty) room.emptyMs = undefined;
  else room.emptyMs ??= Math.max(nowMs, room.creationMs);
}

function listed(affiliation: Affiliation): ListedAffiliation | undefined {
  return affiliation === 'none' ? undefined : affiliation;
}

function replaceList(
  room: Room,
  affiliation: ListedAffiliation,
  bareJids: ReadonlySet<string>,
): void {
  for (const [bareJid, known] of [...room.affiliations]) {
    if (known === affiliation && !bareJids.has(bareJid)) room.setAffiliation(bareJid, undefined);
  }
  for (const bareJid of bareJids) room.setAffiliation(bareJid, affiliation);
}
