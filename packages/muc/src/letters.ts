/** Roles and affiliations as single letters, for where very many of them are kept. */
import { LISTED_AFFILIATIONS } from './affiliation.js';
import type { Affiliation } from './affiliation.js';
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
const AFFILIATIONS = new Map<string, Affiliation>(
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

/** Of a letter that is none of ours: `none`. */
export function affiliationOfLetter(letter: string): Affiliation {
  return AFFILIATIONS.get(letter) ?? 'none';
}
