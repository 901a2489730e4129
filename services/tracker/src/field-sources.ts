/** Where each field of a room's row comes from, by the way in which its service is followed. */
import type { FieldSources, FollowingKind } from '@conference/muc';

/** What every MUC server tells, and what none does. @see XEP-0045 */
const EVERYWHERE = {
  // Owners' form or disco#info.
  roomId: 'server',
  name: 'server',
  description: 'server',
  // Affiliation lists.
  owners: 'server',
  admins: 'server',
  members: 'server',
  outcasts: 'server',
  // Presence.
  occupants: 'server',
  moderators: 'server',
  participants: 'server',
  // Told to whoever joins, and by the feed.
  subject: 'server',
  // Nobody keeps it: it is what we saw, and what was seen before a restart.
  emptyDate: 'observed',
} as const;

/**
 * @param isMaxUsersTold whether any room's configuration has shown a maximum of users.
 * COMPAT(prosody 0.12): it has none of its own; a module may bring one.
 */
export function fieldSourcesOf(following: FollowingKind, isMaxUsersTold: boolean): FieldSources {
  // XEP-0045 has neither date: who joins knows what was seen. With a feed the server keeps both.
  const datedBy = following === 'fed' ? 'server' : 'observed';
  return {
    ...EVERYWHERE,
    creationDate: datedBy,
    modificationDate: datedBy,
    maxUsers: isMaxUsersTold ? 'server' : 'unknown',
  };
}
