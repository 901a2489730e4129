/** Roles, affiliations and occupants in few letters, for where very many of them are kept. */
import { LISTED_AFFILIATIONS } from './affiliation.js';
import type { Affiliation, ListedAffiliation } from './affiliation.js';
import type { Occupant } from './occupant.js';
import { PRESENT_ROLES } from './role.js';
import type { PresentRole } from './role.js';

const ROLE_LETTERS = { moderator: 'm', participant: 'p', visitor: 'v' } as const satisfies Record<
  PresentRole,
  string
>;
const AFFILIATION_LETTERS = {
  owner: 'o',
  admin: 'a',
  member: 'm',
  outcast: 'x',
  none: 'n',
} as const satisfies Record<Affiliation, string>;

const ROLES = new Map<string, PresentRole>(PRESENT_ROLES.map((role) => [ROLE_LETTERS[role], role]));
const LISTED = new Map<string, ListedAffiliation>(
  LISTED_AFFILIATIONS.map((affiliation) => [AFFILIATION_LETTERS[affiliation], affiliation]),
);

export function letterOfRole(role: PresentRole): string {
  return ROLE_LETTERS[role];
}

/** Of a letter that is none of ours: a participant, as most are. */
export function roleOfLetter(letter: string): PresentRole {
  return ROLES.get(letter) ?? 'participant';
}

export function letterOfAffiliation(affiliation: Affiliation): string {
  return AFFILIATION_LETTERS[affiliation];
}

/** Undefined for `none`, and for a letter that is none of ours. */
export function affiliationOfLetter(letter: string): ListedAffiliation | undefined {
  return LISTED.get(letter);
}

/** All of an occupant but the nick: the letters of role and affiliation, and the bare JID, if any. */
export function packOccupant({ role, affiliation, bareJid = '' }: Occupant): string {
  return ROLE_LETTERS[role] + AFFILIATION_LETTERS[affiliation] + bareJid;
}

/** @param packed as `packOccupant` made it */
export function unpackOccupant(nick: string, packed: string): Occupant {
  const role = roleOfLetter(packed.charAt(0));
  const affiliation = affiliationOfLetter(packed.charAt(1)) ?? 'none';
  return packed.length === 2
    ? { nick, role, affiliation }
    : { nick, role, affiliation, bareJid: packed.slice(2) };
}
