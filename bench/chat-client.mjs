/** A chat client over @xmpp/client; no other file of this folder imports the library. */
import { client as createClient, xml } from '@xmpp/client';

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
  const pings = new Map();
  client.on('stanza', (stanza) => {
    if (stanza.name === 'iq') {
      pings.get(stanza.attrs.id)?.();
      pings.delete(stanza.attrs.id);
    }
    if (stanza.name === 'presence') {
      onPresence?.(stanza.attrs.from, stanza.attrs.type);
    }
  });
  await client.start();
  let pingCount = 0;
  return {
    /** Enters a room without waiting for the answer. */
    join(occupantJid) {
      const history = xml('history', { maxstanzas: '0' });
      const x = xml('x', { xmlns: 'http://jabber.org/protocol/muc' }, history);
      return client.send(xml('presence', { to: occupantJid }, x));
    },
    /** Asks the server for a sign of life (XEP-0199) and resolves with the answer. */
    ping: () =>
      new Promise((resolve, reject) => {
        const id = `ping${(pingCount += 1)}`;
        pings.set(id, resolve);
        const ping = xml('ping', { xmlns: 'urn:xmpp:ping' });
        client.send(xml('iq', { type: 'get', to: domain, id }, ping)).catch(reject);
      }),
    leave: (occupantJid) => client.send(xml('presence', { to: occupantJid, type: 'unavailable' })),
    /** From now on everything that arrives is thrown away unread, to leave the machine to others. */
    deafen() {
      client.socket.removeAllListeners('data');
      client.socket.on('data', () => undefined);
    },
    close: () => client.socket?.destroy(),
  };
}
