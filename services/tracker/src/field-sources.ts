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
  // Nobody keeps these: they are what we saw, and what was seen before a restart.
  modificationDate: 'observed',
  emptyDate: 'observed',
} as const;

/**
 * @param isMaxUsersTold whether any room's configuration has shown a maximum of users.
 * COMPAT(prosody 0.12): it has none of its own; a module may bring one. The scenario
 * `capabilities` shows both.
 */
export function fieldSourcesOf(following: FollowingKind, isMaxUsersTold: boolean): FieldSources {
  return {
    ...EVERYWHERE,
    // XEP-0045 has no creation date: who joins knows since when a room was seen. A feed keeps it.
    creationDate: following === 'fed' ? 'server' : 'observed',
    maxUsers: isMaxUsersTold ? 'server' : 'unknown',
  };
}
