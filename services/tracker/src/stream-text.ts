/** What the component itself writes on the stream besides stanzas (RFC 6120, XML Streams). */
import { createElement } from 'ltx';
import { NS_PING } from './iq-answers.js';
import { stanzaToText } from './stanza-text.js';
import type { StreamViolation } from './stream-parser.js';

/** The namespace of a component's stanzas (XEP-0114). */
export const NS_COMPONENT = 'jabber:component:accept';

/** The namespace of <stream:stream/> and <stream:error/>. */
export const NS_STREAM = 'http://etherx.jabber.org/streams';

/** The namespace of the defined conditions within a stream error. */
export const NS_STREAM_CONDITIONS = 'urn:ietf:params:xml:ns:xmpp-streams';

export const STREAM_FOOTER = '</stream:stream>';

/** Tells the server why we end the stream (RFC 6120, Stream Errors, #streams-error). */
export function streamErrorText({ condition }: StreamViolation): string {
  return `<stream:error><${condition} xmlns='${NS_STREAM_CONDITIONS}'/></stream:error>`;
}

/**
 * A ping (XEP-0199) to the component itself, which comes back by way of the server: no other
 * address surely exists, and whatever comes back proves that the server lives.
 */
export function selfPingText(domain: string, id: string): string {
  const ping = createElement('ping', { xmlns: NS_PING });
  return stanzaToText(
    createElement('iq', { type: 'get', to: domain, from: domain, id }, ping),
    domain,
  );
}
