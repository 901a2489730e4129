/** Stanza errors. @see RFC 6120, 8.3 */
import type { Element } from 'ltx';
import { NS } from './namespaces.js';

/**
 * The defined condition of a stanza of type `error`; `undefined-condition` where it names none,
 * undefined where the stanza is no error.
 */
export function parseErrorCondition(stanza: Element): string | undefined {
  if (stanza.attrs['type'] !== 'error') return undefined;
  const condition = stanza
    .getChild('error')
    ?.getChildElements()
    .find((child) => child.getNS() === NS.STANZA_ERROR && child.name !== 'text');
  return condition?.name ?? 'undefined-condition';
}
