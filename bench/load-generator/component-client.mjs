/** The component's end of a stream (XEP-0114), all in text. */
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { takeStanzas } from '../stanza-text.mjs';

/**
 * Connects; resolves when the server has accepted the component.
 * @param {{ port: number, domain: string, secret: string, onStanza: (stanza: { name: string, text: string }) => void }} options
 * @returns {Promise<{ write: (text: string) => void, close: () => void }>} whose process ends with
 *   the stream, if nobody closed it
 */
export function connectComponent({ port, domain, secret, onStanza }) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.setEncoding('utf8');
    socket.setNoDelay(true);
    socket.on('error', reject);
    const onLost = () => process.exit(1);
    socket.on('close', onLost);
    let held = '';
    let isAccepted = false;
    socket.on('data', (chunk) => {
      held += chunk;
      if (isAccepted) {
        held = takeStanzas(held, onStanza);
        return;
      }
      const streamId = /<stream:stream[^>]* id=["']([^"']*)["'][^>]*>/.exec(held)?.[1];
      if (streamId !== undefined) {
        const digest = createHash('sha1').update(`${streamId}${secret}`).digest('hex');
        socket.write(`<handshake>${digest}</handshake>`);
        held = '';
      } else if (/^<handshake[^>]*>/.test(held)) {
        isAccepted = true;
        held = takeStanzas(held.replace(/^<handshake[^>]*>(<\/handshake>)?/, ''), onStanza);
        resolve({
          write: (text) => socket.write(text),
          close: () => socket.off('close', onLost).destroy(),
        });
      }
    });
    socket.write(
      `<stream:stream xmlns='jabber:component:accept' ` +
        `xmlns:stream='http://etherx.jabber.org/streams' to='${domain}'>`,
    );
  });
}
