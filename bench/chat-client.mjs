/** A chat client over @xmpp/client; no other file of this folder imports the library. */
import { client as createClient, xml } from '@xmpp/client';

const MUC = 'http://jabber.org/protocol/muc';

/**
 * Logs in without an account.
 * @param {{ port: number, domain: string, onPresence?: (from: string, type?: string) => void }} options
 */
export async function openChatClient({ port, domain, onPresence }) {
  const client = createClient({ service: `xmpp://127.0.0.1:${port}`, domain });
  client.reconnect.stop();
  client.on('connect', () => client.socket.setEncoding('utf8'));
  client.on('error', (error) => {
    throw error;
  });
  const asked = new Map();
  client.on('stanza', (stanza) => {
    if (stanza.name === 'iq') {
      asked.get(stanza.attrs.id)?.(stanza);
      asked.delete(stanza.attrs.id);
    }
    if (stanza.name === 'presence') {
      onPresence?.(stanza.attrs.from, stanza.attrs.type);
    }
  });
  await client.start();
  let askedCount = 0;
  const ask = async (type, to, child) => {
    const id = `asked${(askedCount += 1)}`;
    const answered = new Promise((resolve) => asked.set(id, resolve));
    await client.send(xml('iq', { type, to, id }, child));
    const answer = await answered;
    if (answer.attrs.type !== 'result') throw new Error(`${to} answered ${answer}`);
  };
  const administer = (roomJid, attributes) =>
    ask('set', roomJid, xml('query', { xmlns: `${MUC}#admin` }, xml('item', attributes)));
  return {
    /** The own bare JID. */
    bareJid: client.jid.bare().toString(),
    /** Enters a room without waiting for the answer. */
    join(occupantJid) {
      const history = xml('history', { maxstanzas: '0' });
      const x = xml('x', { xmlns: MUC }, history);
      return client.send(xml('presence', { to: occupantJid }, x));
    },
    /** Asks the server for a sign of life (XEP-0199) and resolves with the answer. */
    ping: () => ask('get', domain, xml('ping', { xmlns: 'urn:xmpp:ping' })),
    setRole: (roomJid, nick, role) => administer(roomJid, { nick, role }),
    setAffiliation: (roomJid, jid, affiliation) => administer(roomJid, { jid, affiliation }),
    setSubject: (roomJid, subject) =>
      client.send(xml('message', { to: roomJid, type: 'groupchat' }, xml('subject', {}, subject))),
    /** Submits the owner's form with one field besides its type. */
    configure(roomJid, field, value) {
      const fields = Object.entries({ FORM_TYPE: `${MUC}#roomconfig`, [field]: value }).map(
        ([name, text]) => xml('field', { var: name }, xml('value', {}, text)),
      );
      const form = xml('x', { xmlns: 'jabber:x:data', type: 'submit' }, ...fields);
      return ask('set', roomJid, xml('query', { xmlns: `${MUC}#owner` }, form));
    },
    destroy: (roomJid) =>
      ask('set', roomJid, xml('query', { xmlns: `${MUC}#owner` }, xml('destroy'))),
    leave: (occupantJid) => client.send(xml('presence', { to: occupantJid, type: 'unavailable' })),
    /** From now on everything that arrives is thrown away unread, to leave the machine to others. */
    deafen() {
      client.socket.removeAllListeners('data');
      client.socket.on('data', () => undefined);
    },
    close: () => client.socket?.destroy(),
  };
}
