/**
 * Which lists a room belongs to. Every room is in the list of its MUC service and, where its
 * localpart has a `|`, in the list of exactly one suffix: a siteId has no `|` of its own, so that
 * what stands after the last one is the whole siteId and no site can own another's rooms.
 */
import type { OwnedRooms } from './site.js';

/** Names a list; lists of different kinds never share a name. */
export type ListKey = `suffix:${string}` | `service:${string}`;

/** The lists that a room of a MUC service belongs to. */
export function listKeysOfRoom(roomId: string, mucService: string): readonly ListKey[] {
  const bar = roomId.lastIndexOf('|');
  const service: ListKey = `service:${mucService}`;
  return bar === -1 ? [service] : [service, `suffix:${roomId.slice(bar + 1)}`];
}

/** The list that a site is served. @param site with a normalised siteId */
export function listKeyOfSite(site: {
  readonly siteId: string;
  readonly rooms: OwnedRooms;
}): ListKey {
  return site.rooms.by === 'suffix' ? `suffix:${site.siteId}` : `service:${site.rooms.mucService}`;
}
