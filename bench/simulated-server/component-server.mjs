/**
 * The server's end of one component's stream (XEP-0114), all in text: whoever measures a tracker
 * must not need more processor time than the tracker. Only one component at a time.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { takeStanzas } from '../stanza-text.mjs';

/**
 * Listens on a free port of the loopback.
 * @param {{ secret: string, onStanza: (stanza: { name: string, text: string }) => void, onOffline: () => void }} options
 * @returns {Promise<{ port: number, write: (text: string) => void, backlog: () => number }>}
 *   `backlog`: bytes that the component has not taken yet
 */
export async function listenForComponent({ secret, onStanza, onOffline }) {
  let current;
  const server = createServer((socket) => {
    current?.destroy();
    current = socket;
    socket.setNoDelay(true);
    socket.setEncoding('utf8');
    readStream(socket, secret, onStanza);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      if (current !== socket) return;
      current = undefined;
      onOffline();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    write: (text) => current?.write(text),
    backlog: () => current?.writableLength ?? 0,
  };
}

function readStream(socket, secret, onStanza) {
  const streamId = randomUUID();
  let isAccepted = false;
  let held = '';
  socket.on('data', (chunk) => {
    held += chunk;
    if (!isAccepted) {
      isAccepted = greet(socket, held, streamId, secret);
      if (!isAccepted) return;
      held = held.slice(held.indexOf('</handshake>') + '</handshake>'.length);
    }
    held = takeStanzas(held, onStanza);
    if (held.startsWith('</stream:stream>')) socket.end('</stream:stream>');
  });
}

/** Answers the header, then the handshake; returns whether the component is accepted. */
function greet(socket, received, streamId, secret) {
  const digest = /<handshake[^>]*>([0-9a-f]+)<\/handshake>/.exec(received)?.[1];
  if (digest !== undefined) {
    if (digest !== createHash('sha1').update(`${streamId}${secret}`).digest('hex')) {
      socket.end('</stream:stream>');
      return false;
    }
    socket.write('<handshake/>');
    return true;
  }
  const to = /<stream:stream[^>]* to=["']([^"']*)["'][^>]*>/.exec(received)?.[1];
  if (to !== undefined && !socket.hasGreeted) {
    socket.hasGreeted = true;
    socket.write(
      `<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' ` +
        `xmlns:stream='http://etherx.jabber.org/streams' from='${to}' id='${streamId}'>`,
    );
  }
  return false;
}
