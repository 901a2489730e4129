/** Outgoing stanza → text that a server will not close the stream for. */
import { ConferenceError, domainOf, normaliseJidPart } from '@conference/muc';
import type { Element } from 'ltx';

/** What XML 1.0 cannot hold, escaped or not (2.2 Characters); `u` makes lone surrogates show. */
const NOT_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;

const STANZA_NAMES: ReadonlySet<string> = new Set(['message', 'presence', 'iq']);

/** Tells stanzas from the stream's own elements (RFC 6120, XML Stanzas, #stanzas). */
export function isStanza(element: Element): boolean {
  return STANZA_NAMES.has(element.name);
}

/**
 * Checks and writes a stanza. A missing `from` becomes the component's domain, in the stanza too
 * (XEP-0114: a component's stanzas carry `from` and `to`).
 * Fails with `protocol-violation` on what would make the server close the whole stream: no stanza,
 * no `to`, a `from` outside the component's domain, a character that XML cannot hold.
 */
export function stanzaToText(stanza: Element, domain: string): string {
  if (!isStanza(stanza)) {
    throw refusal(`<${stanza.name}/> is no stanza`);
  }
  stanza.attrs['from'] ??= domain;
  const sender = domainOf(stanza.attrs['from']);
  if (sender !== domain && normaliseJidPart(sender) !== domain) {
    throw refusal(`its sender is not of the component's domain ${domain}`);
  }
  if (!stanza.attrs['to']) {
    throw refusal('it has no recipient');
  }
  const text = serialise(stanza);
  if (NOT_XML.test(text)) {
    throw refusal('it holds a character that XML cannot hold');
  }
  return text;
}

function serialise(stanza: Element): string {
  try {
    return stanza.toString();
  } catch (cause) {
    throw refusal('it cannot be serialised', cause);
  }
}

function refusal(why: string, cause?: unknown): ConferenceError {
  return new ConferenceError('protocol-violation', `a stanza was not sent: ${why}`, { cause });
}
