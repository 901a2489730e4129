/** Messages in which a room tells of itself. @see XEP-0045, #subject-mod, #roomconfig-notify */
import { localpartOf, resourceOf } from '@conference/muc';
import type { Affiliation } from '@conference/muc';
import type { Element } from 'ltx';
import { findMucUser, parseMucItems, parseStatusCodes } from './muc-user.js';
import { parseErrorCondition } from './stanza-error.js';
import { CONFIGURATION_CODES } from './status-code.js';

export type RoomMessage =
  /** The subject, `""` for none. It also ends what a room sends after a join. */
  | { readonly kind: 'subject'; readonly roomId: string; readonly subject: string }
  /** The configuration changed; the message carries no values. */
  | { readonly kind: 'configuration-changed'; readonly roomId: string }
  /** The affiliation of somebody who is not in the room changed. */
  | {
      readonly kind: 'affiliations';
      readonly roomId: string;
      readonly changes: readonly { readonly bareJid: string; readonly affiliation: Affiliation }[];
    };

/** Reads a message from a room; undefined where it is talk, an error, or not from a room. */
export function parseRoomMessage(stanza: Element): RoomMessage | undefined {
  const from = stanza.attrs['from'] ?? '';
  const roomId = localpartOf(from);
  if (roomId === undefined || parseErrorCondition(stanza) !== undefined) return undefined;
  const isGroupchat = stanza.attrs['type'] === 'groupchat';
  const subject = stanza.getChild('subject');
  if (
    isGroupchat &&
    subject !== undefined &&
    stanza.getChild('body') === undefined &&
    stanza.getChild('thread') === undefined
  ) {
    return { kind: 'subject', roomId, subject: subject.getText() };
  }
  const mucUser = findMucUser(stanza);
  // Only the room itself speaks for the room: an occupant could send the same payload.
  if (mucUser === undefined || resourceOf(from) !== undefined) return undefined;
  if (parseStatusCodes(mucUser).some((code) => CONFIGURATION_CODES.includes(code))) {
    return { kind: 'configuration-changed', roomId };
  }
  const changes = parseMucItems(mucUser).flatMap(({ bareJid, affiliation }) =>
    bareJid === undefined ? [] : [{ bareJid, affiliation }],
  );
  return changes.length === 0 || isGroupchat
    ? undefined
    : { kind: 'affiliations', roomId, changes };
}
