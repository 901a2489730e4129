/** Result Set Management: paging. @see XEP-0059 */
import { createElement } from 'ltx';
import type { Element } from 'ltx';
import { NS } from './namespaces.js';

/** Where a page stands in the whole. */
export interface ResultSet {
  /** Id after which the next page begins; absent on an empty page. */
  readonly last?: string;
  /** Size of the whole, where told. */
  readonly count?: number;
}

/** Asks for the page after an item, or the first. */
export function buildResultSetRequest(max: number, after: string | undefined): Element {
  return createElement(
    'set',
    { xmlns: NS.RSM },
    createElement('max', {}, String(max)),
    after === undefined ? null : createElement('after', {}, after),
  );
}

/** The place of the page; undefined where the answerer does not page. */
export function parseResultSet(parent: Element): ResultSet | undefined {
  const set = parent.getChild('set', NS.RSM);
  if (set === undefined) return undefined;
  const last = set.getChildText('last');
  const countText = set.getChildText('count');
  const count = countText === null || countText === '' ? Number.NaN : Number(countText);
  return {
    ...(last === null ? {} : { last }),
    ...(Number.isSafeInteger(count) && count >= 0 ? { count } : {}),
  };
}
