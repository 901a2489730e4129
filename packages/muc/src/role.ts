/**
 * Standing of an occupant for the time of one visit.
 * @see XEP-0045, Roles, #roles
 */
export const PRESENT_ROLES = ['moderator', 'participant', 'visitor'] as const;

/** The role of somebody who is in the room. */
export type PresentRole = (typeof PRESENT_ROLES)[number];

/** Every role; `none` means: not in the room. */
export type Role = PresentRole | 'none';

/** Tells whether a string from the wire is a role that somebody present can have. */
export function isPresentRole(value: unknown): value is PresentRole {
  return (PRESENT_ROLES as readonly unknown[]).includes(value);
}
