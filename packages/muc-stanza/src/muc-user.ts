/** The `x` element of `muc#user`: status codes and items. @see XEP-0045, #schemas-user */
import { bareJid, isAffiliation, isPresentRole } from '@conference/muc';
import type { Affiliation, Role } from '@conference/muc';
import type { Element } from 'ltx';
import { NS } from './namespaces.js';

/** One `item`: what the room says of somebody. */
export interface MucItem {
  readonly affiliation: Affiliation;
  readonly role: Role;
  /** Real bare JID, where it is shown. */
  readonly bareJid?: string;
  /** Real full JID, where it is shown and is one. */
  readonly fullJid?: string;
  /** The new nick with status 303, the reserved one elsewhere. */
  readonly nick?: string;
}

/** The `muc#user` payload of a stanza, or undefined where it has none. */
export function findMucUser(stanza: Element): Element | undefined {
  return stanza.getChild('x', NS.MUC_USER);
}

/** All status codes that are numbers. */
export function parseStatusCodes(mucUser: Element): number[] {
  return mucUser
    .getChildren('status')
    .map((status) => Number(status.attrs['code']))
    .filter((code) => Number.isInteger(code) && code > 0);
}

/** All items; with several sessions on one nick there is one for each. */
export function parseMucItems(mucUser: Element): MucItem[] {
  return mucUser.getChildren('item').map(parseMucItem);
}

/** One item; what is absent or unknown counts as `none`. */
export function parseMucItem(item: Element): MucItem {
  const { affiliation, role, jid, nick } = item.attrs;
  return {
    affiliation: isAffiliation(affiliation) ? affiliation : 'none',
    role: isPresentRole(role) ? role : 'none',
    ...(jid === undefined || jid === '' ? {} : { bareJid: bareJid(jid) }),
    ...(jid?.includes('/') ? { fullJid: jid } : {}),
    ...(nick === undefined ? {} : { nick }),
  };
}
