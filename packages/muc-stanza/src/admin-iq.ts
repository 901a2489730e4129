/** Affiliation lists. @see XEP-0045, #modifymember, #modifyowner, #modifyadmin, #modifyban */
import type { ListedAffiliation } from '@conference/muc';
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
