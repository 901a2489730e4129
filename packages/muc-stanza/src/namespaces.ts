/** XML namespaces, each under the name of its specification. */
export const NS = {
  /** XEP-0045 */
  MUC: 'http://jabber.org/protocol/muc',
  MUC_USER: 'http://jabber.org/protocol/muc#user',
  MUC_ADMIN: 'http://jabber.org/protocol/muc#admin',
  MUC_OWNER: 'http://jabber.org/protocol/muc#owner',
  /** XEP-0030 */
  DISCO_INFO: 'http://jabber.org/protocol/disco#info',
  DISCO_ITEMS: 'http://jabber.org/protocol/disco#items',
  /** XEP-0004 */
  DATA_FORM: 'jabber:x:data',
  /** XEP-0050 */
  COMMANDS: 'http://jabber.org/protocol/commands',
  /** XEP-0059 */
  RSM: 'http://jabber.org/protocol/rsm',
  /** XEP-0092 */
  VERSION: 'jabber:iq:version',
  /** docs/feed-protocol.md */
  FEED: 'urn:xmpp:conference-feed:1',
  /** RFC 6120, 8.3 */
  STANZA_ERROR: 'urn:ietf:params:xml:ns:xmpp-stanzas',
} as const;
