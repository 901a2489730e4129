/** Service discovery. @see XEP-0030; XEP-0045, #disco-roominfo, #disco-rooms */
import { createElement } from 'ltx';
import type { Element } from 'ltx';
import { fieldText, parseFormFields } from './data-form.js';
import { NS } from './namespaces.js';
import { buildResultSetRequest, parseResultSet } from './rsm.js';
import type { ResultSet } from './rsm.js';

/** What an entity says of itself. */
export interface DiscoInfo {
  readonly identities: readonly { readonly category: string; readonly name?: string }[];
  readonly features: ReadonlySet<string>;
  /** From the `muc#roominfo` form; absent where the room has none. */
  readonly description?: string;
  /** How many are in the room, all included; absent where the room does not tell. */
  readonly occupants?: number;
}

export function buildDiscoInfoRequest(from: string, to: string): Element {
  return createElement(
    'iq',
    { type: 'get', from, to },
    createElement('query', { xmlns: NS.DISCO_INFO }),
  );
}

/** Reads the answer; undefined where it is not one. */
export function parseDiscoInfo(reply: Element): DiscoInfo | undefined {
  const query = reply.getChild('query', NS.DISCO_INFO);
  if (query === undefined) return undefined;
  const fields = parseFormFields(query);
  const description = fields && fieldText(fields, 'muc#roominfo_description');
  const occupants = Number(fields?.get('muc#roominfo_occupants')?.[0] || Number.NaN);
  return {
    identities: query.getChildren('identity').map(({ attrs: { category, name } }) => ({
      category: category ?? '',
      ...(name === undefined ? {} : { name }),
    })),
    features: new Set(query.getChildren('feature').map((feature) => feature.attrs['var'] ?? '')),
    ...(description === undefined ? {} : { description }),
    ...(Number.isSafeInteger(occupants) ? { occupants } : {}),
  };
}

/** One page of items. */
export interface DiscoItems {
  readonly items: readonly { readonly jid: string; readonly node?: string }[];
  readonly resultSet?: ResultSet;
}

export function buildDiscoItemsRequest(
  from: string,
  to: string,
  options: {
    readonly node?: string;
    readonly page?: { readonly max: number; readonly after: string | undefined };
  } = {},
): Element {
  return createElement(
    'iq',
    { type: 'get', from, to },
    createElement(
      'query',
      { xmlns: NS.DISCO_ITEMS, node: options.node },
      options.page && buildResultSetRequest(options.page.max, options.page.after),
    ),
  );
}

/** Reads the answer; undefined where it is not one. */
export function parseDiscoItems(reply: Element): DiscoItems | undefined {
  const query = reply.getChild('query', NS.DISCO_ITEMS);
  if (query === undefined) return undefined;
  const resultSet = parseResultSet(query);
  return {
    items: query.getChildren('item').map(({ attrs: { jid, node } }) => ({
      jid: jid ?? '',
      ...(node === undefined ? {} : { node }),
    })),
    ...(resultSet === undefined ? {} : { resultSet }),
  };
}
