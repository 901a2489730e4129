/** What tells that we are in a room no more, though nobody said so. */
import { hasCode } from '@conference/muc';

/**
 * Whether a room refuses what it tells whoever is in. COMPAT(ejabberd 23.01): that we are out is
 * told by nobody where a node of a cluster dies with the room on it, which another then takes over.
 */
export function isOutside(error: unknown): boolean {
  return hasCode(error, 'stanza-error') && error.condition === 'forbidden';
}
