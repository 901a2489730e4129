/**
 * Long-lived standing of a bare JID towards a room.
 * @see XEP-0045, Affiliations, #affil
 */
export const LISTED_AFFILIATIONS = ['owner', 'admin', 'member', 'outcast'] as const;

/** An affiliation that a room keeps a list of. */
export type ListedAffiliation = (typeof LISTED_AFFILIATIONS)[number];

/** Every affiliation; `none` is the absence of an entry. */
export type Affiliation = ListedAffiliation | 'none';

/** Tells whether a string from the wire is an affiliation of the specification. */
export function isAffiliation(value: unknown): value is Affiliation {
  return value === 'none' || (LISTED_AFFILIATIONS as readonly unknown[]).includes(value);
}
