/** What keeps rooms from being followed, in a sentence. */
import type { FeedTrouble } from '../room-feed.js';

/** Conditions of a refusal for want of rights. @see RFC 6120, 8.3.2 (type auth) */
const FORBIDDING: readonly string[] = ['forbidden', 'not-allowed', 'registration-required'];

/** Whether a room refuses us for want of rights. */
export function isForbidding(condition: string): boolean {
  return FORBIDDING.includes(condition);
}

/**
 * A room that its creator is still configuring is locked: it exists and cannot be entered, and
 * opens within moments. @see XEP-0045, Creating a Room, #createroom
 */
export function isLocked(condition: string): boolean {
  return condition === 'item-not-found';
}

/**
 * Undefined where nothing is the matter; locked rooms are no trouble, for nobody can enter them yet.
 * @param unreadable conditions by roomId
 * @param keptOut roomIds of those that throw us out again and again
 */
export function describeTrouble(
  unreadable: ReadonlyMap<string, { readonly condition: string }>,
  keptOut: ReadonlySet<string>,
): FeedTrouble | undefined {
  const reasons: string[] = [];
  const examples: string[] = [];
  const refusing = [...unreadable].filter(([, { condition }]) => !isLocked(condition));
  const [firstRefusing] = refusing;
  if (firstRefusing !== undefined) {
    const [roomId, { condition }] = firstRefusing;
    reasons.push(
      `${countRooms(refusing.length)} cannot be read: ${condition}${adviceOn(condition)}`,
    );
    examples.push(roomId);
  }
  const [firstKeptOut] = keptOut;
  if (firstKeptOut !== undefined) {
    reasons.push(
      `${countRooms(keptOut.size)} cannot be followed all the time: the tracker is thrown out again and again`,
    );
    examples.push(firstKeptOut);
  }
  if (reasons.length === 0) return undefined;
  return { reason: reasons.join('; '), detail: `such as ${examples.join(' and ')}` };
}

function countRooms(count: number): string {
  return count === 1 ? 'a room' : `${count} rooms`;
}

function adviceOn(condition: string): string {
  return isForbidding(condition)
    ? '; the component must be an administrator of the MUC service and an owner of its rooms' +
        ' (in Prosody component_admins_as_room_owners = true, which 13 has no more by default)'
    : '';
}
