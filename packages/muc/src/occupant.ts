import type { Affiliation } from './affiliation.js';
import type { PresentRole } from './role.js';

/**
 * Somebody in a room: one for each nick, however many sessions share the nick.
 * @see XEP-0045, Terminology, #terms
 */
export interface Occupant {
  readonly nick: string;
  readonly role: PresentRole;
  readonly affiliation: Affiliation;
  /** Real bare JID; absent where the room does not show it to us. */
  readonly bareJid?: string;
}
