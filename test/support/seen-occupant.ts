/** What a room tells in presences, lists and forms, read as a client reads it. */
import type { Element } from 'ltx';

const MUC_USER = 'http://jabber.org/protocol/muc#user';

/** Status code 110: the presence is about the receiver itself (XEP-0045, #registrar-statuscodes-init). */
const SELF_PRESENCE = '110';

/** What a room says of one occupant in a presence or a role list. */
export interface SeenOccupant {
  readonly nick: string;
  readonly role: string;
  readonly affiliation: string;
  /** Real JID; absent where the room does not show it. */
  readonly jid?: string;
  readonly statusCodes: readonly string[];
}

/** Tells whether a presence of a room is about the client that receives it. */
export function isSelfPresence(stanza: Element, roomJid: string): boolean {
  return (
    stanza.name === 'presence' &&
    (stanza.attrs['from'] ?? '').startsWith(`${roomJid}/`) &&
    statusCodes(stanza).includes(SELF_PRESENCE)
  );
}

function statusCodes(stanza: Element): string[] {
  const statuses = stanza.getChild('x', MUC_USER)?.getChildren('status') ?? [];
  return statuses.map((status) => status.attrs['code'] ?? '');
}

/** The occupant that a presence is about. */
export function readOccupant(presence: Element): SeenOccupant {
  const from = presence.attrs['from'] ?? '';
  const item = presence.getChild('x', MUC_USER)?.getChild('item');
  return occupantOfItem(item, from.slice(from.indexOf('/') + 1), statusCodes(presence));
}

/** The occupant that an item of a presence or a list describes. */
export function occupantOfItem(
  item: Element | undefined,
  nick: string,
  codes: readonly string[],
): SeenOccupant {
  const jid = item?.attrs['jid'];
  return {
    nick,
    role: item?.attrs['role'] ?? '',
    affiliation: item?.attrs['affiliation'] ?? '',
    statusCodes: codes,
    ...(jid === undefined ? {} : { jid }),
  };
}

/** The values of a data form (XEP-0004) by field; empty without a form. */
export function readForm(form: Element | undefined): ReadonlyMap<string, readonly string[]> {
  const fields = form?.getChildren('field') ?? [];
  return new Map(
    fields.map((field) => [
      field.attrs['var'] ?? '',
      field.getChildren('value').map((value) => value.getText()),
    ]),
  );
}
