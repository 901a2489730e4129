/**
 * Affiliation and role lists, and putting somebody out.
 * @see XEP-0045, #modifymember, #modifyowner, #modifyadmin, #modifyban, #kick
 */
import type { ListedAffiliation, Occupant, PresentRole } from '@conference/muc';
import { createElement } from 'ltx';
import type { Element } from 'ltx';
import { parseMucItem } from './muc-user.js';
import { NS } from './namespaces.js';

/** Asks for the list of one affiliation: COMPAT(ejabberd 23.01) refuses two in one request. */
export function buildAffiliationListRequest(
  from: string,
  roomJid: string,
  affiliation: ListedAffiliation,
): Element {
  return createElement(
    'iq',
    { type: 'get', from, to: roomJid },
    createElement('query', { xmlns: NS.MUC_ADMIN }, createElement('item', { affiliation })),
  );
}

/** Asks who is in the room with a role. @see XEP-0045, #modifymod, #modifyvoice */
export function buildRoleListRequest(from: string, roomJid: string, role: PresentRole): Element {
  return createElement(
    'iq',
    { type: 'get', from, to: roomJid },
    createElement('query', { xmlns: NS.MUC_ADMIN }, createElement('item', { role })),
  );
}

/** Puts an occupant out of the room. @see XEP-0045, #kick */
export function buildKickRequest(from: string, roomJid: string, nick: string): Element {
  return createElement(
    'iq',
    { type: 'set', from, to: roomJid },
    createElement('query', { xmlns: NS.MUC_ADMIN }, createElement('item', { nick, role: 'none' })),
  );
}

/**
 * The occupants with the role, one for each session, so that a shared nick comes several times;
 * undefined where the answer is not a list.
 */
export function parseRoleList(reply: Element, role: PresentRole): Occupant[] | undefined {
  const query = reply.getChild('query', NS.MUC_ADMIN);
  return query?.getChildren('item').flatMap((item) => {
    const { nick, affiliation, bareJid } = parseMucItem(item);
    if (nick === undefined) return [];
    return [{ nick, role, affiliation, ...(bareJid === undefined ? {} : { bareJid }) }];
  });
}

/** The bare JIDs on the list; undefined where the answer is not one. */
export function parseAffiliationList(
  reply: Element,
  affiliation: ListedAffiliation,
): string[] | undefined {
  const query = reply.getChild('query', NS.MUC_ADMIN);
  return query
    ?.getChildren('item')
    .map(parseMucItem)
    .flatMap((item) =>
      item.bareJid !== undefined && item.affiliation === affiliation ? [item.bareJid] : [],
    );
}
