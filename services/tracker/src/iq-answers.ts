/** What the component answers to the IQs that others send it (RFC 6120, IQ Semantics). */
import { NS } from '@conference/muc-stanza';
import { createElement, type Element } from 'ltx';

/** XEP-0199 */
export const NS_PING = 'urn:xmpp:ping';

/**
 * The answer to an IQ of type get or set, for the component's domain and every JID in it: its
 * identity (XEP-0030, Discovering Information About a Jabber Entity, #info), a ping's echo
 * (XEP-0199), `service-unavailable` for the rest. Undefined where nobody could be answered.
 */
export function answerIq(iq: Element): Element | undefined {
  const { from, to, id, type } = iq.attrs;
  if (from === undefined || to === undefined || id === undefined) {
    return undefined;
  }
  const answer = (answerType: 'result' | 'error', child?: Element): Element =>
    createElement('iq', { type: answerType, from: to, to: from, id }, child);
  const [payload, ...more] = iq.getChildElements();
  if (payload === undefined || more.length > 0 || (type !== 'get' && type !== 'set')) {
    return answer('error', stanzaError('modify', 'bad-request'));
  }
  if (type === 'get' && payload.is('ping', NS_PING)) {
    return answer('result');
  }
  if (type === 'get' && payload.is('query', NS.DISCO_INFO)) {
    return payload.attrs['node'] === undefined
      ? answer('result', discoInfo())
      : answer('error', stanzaError('cancel', 'item-not-found'));
  }
  return answer('error', stanzaError('cancel', 'service-unavailable'));
}

function discoInfo(): Element {
  return createElement(
    'query',
    { xmlns: NS.DISCO_INFO },
    createElement('identity', {
      category: 'component',
      type: 'generic',
      name: 'Conference tracker',
    }),
    createElement('feature', { var: NS.DISCO_INFO }),
    createElement('feature', { var: NS_PING }),
  );
}

function stanzaError(type: 'cancel' | 'modify', condition: string): Element {
  return createElement('error', { type }, createElement(condition, { xmlns: NS.STANZA_ERROR }));
}
