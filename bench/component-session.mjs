/**
 * A component of a benchmark, with nothing between it and @xmpp/component but a table of who
 * waits for what. No other file of this folder imports the library.
 */
import { component as createComponent, xml } from '@xmpp/component';

export { xml };

const MUC_USER = 'http://jabber.org/protocol/muc#user';

/**
 * Connects; resolves when the server has accepted the component.
 * @param {{ port: number, domain: string, secret: string }} options
 */
export async function openComponent({ port, domain, secret }) {
  const component = createComponent({
    service: `xmpp://127.0.0.1:${port}`,
    domain,
    password: secret,
  });
  component.reconnect.stop();
  const replies = new Map();
  const joins = new Map();
  let lastId = 0;
  component.on('connect', () => component.socket.setEncoding('utf8'));
  component.on('error', (error) => {
    throw error;
  });
  component.on('stanza', (stanza) => {
    const { name, attrs } = stanza;
    if (name === 'iq') {
      settle(replies, attrs.id, attrs.type === 'error' ? refusal(stanza) : stanza);
    } else if (name === 'presence' && (attrs.type === 'error' || isSelfPresence(stanza))) {
      const waiting = attrs.type === 'unavailable' ? `out ${attrs.from}` : attrs.from;
      settle(joins, waiting, attrs.type === 'error' ? refusal(stanza) : stanza);
    }
  });
  await component.start();

  const awaitAnswer = (waiting, key, stanza) =>
    new Promise((resolve, reject) => {
      waiting.set(key, { resolve, reject });
      component.send(stanza).catch(reject);
    });
  return {
    send: (stanza) => component.send(stanza),
    /** Sends an IQ and resolves with the result. */
    ask(stanza) {
      lastId += 1;
      stanza.attrs.id = `b${lastId}`;
      return awaitAnswer(replies, stanza.attrs.id, stanza);
    },
    /** Enters a room (XEP-0045, #enter) and resolves with the self-presence. */
    join(from, occupantJid) {
      const x = xml(
        'x',
        { xmlns: 'http://jabber.org/protocol/muc' },
        xml('history', { maxstanzas: '0' }),
      );
      return awaitAnswer(joins, occupantJid, xml('presence', { from, to: occupantJid }, x));
    },
    /** Leaves a room (XEP-0045, #exit) and resolves when out. */
    leave(from, occupantJid) {
      const presence = xml('presence', { from, to: occupantJid, type: 'unavailable' });
      return awaitAnswer(joins, `out ${occupantJid}`, presence);
    },
    /** From now on everything that arrives is thrown away unread, to leave the machine to others. */
    deafen() {
      component.socket.removeAllListeners('data');
      component.socket.on('data', () => undefined);
    },
    close: () => component.socket?.destroy(),
  };
}

function settle(waiting, key, answer) {
  const waiter = waiting.get(key);
  waiting.delete(key);
  if (answer instanceof Error) {
    waiter?.reject(answer);
  } else {
    waiter?.resolve(answer);
  }
}

function isSelfPresence(stanza) {
  const statuses = stanza.getChild('x', MUC_USER)?.getChildren('status') ?? [];
  return statuses.some((status) => status.attrs.code === '110');
}

function refusal(stanza) {
  return new Error(`refused: ${stanza.toString()}`);
}
