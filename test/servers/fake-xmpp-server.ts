/**
 * A small XMPP server for one component (XEP-0114) that misbehaves on command. By default it acts
 * like a real one: it checks domain and secret, refuses a second connection, and brings stanzas
 * that a component addresses to itself back to it. Everything else is up to the test.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import type { Element } from 'ltx';
import { eventually } from '../support/eventually.js';
import { FakeXmppLink } from './fake-xmpp-link.js';

export interface FakeXmppServerOptions {
  /** The one component it knows; default `tracker.localhost`. */
  readonly domain?: string;
  /** Its secret; default `secret`. */
  readonly secret?: string;
  /** 0 (default) takes a free port. */
  readonly port?: number;
}

/** What the server does at the two steps of a connection. May be changed at any time. */
export interface FakeXmppBehaviour {
  /** On the component's stream header. Default: `answer`, after checking the domain. */
  onHeader: 'answer' | 'silence' | ((link: FakeXmppLink) => void);
  /** On the handshake. Default: `check` the secret. */
  onHandshake: 'check' | 'silence' | ((link: FakeXmppLink) => void);
  /** On every stanza that is not addressed to the component itself. Default: nothing. */
  onStanza: (stanza: Element, link: FakeXmppLink) => void;
  /** Whether what a component sends to its own domain comes back to it. Default: true. */
  isEchoing: boolean | ((stanza: Element, link: FakeXmppLink) => boolean);
}

export interface FakeXmppServer {
  readonly host: string;
  readonly port: number;
  readonly domain: string;
  readonly secret: string;
  readonly behaviour: FakeXmppBehaviour;
  /** Every TCP connection it ever accepted, in order. */
  readonly links: readonly FakeXmppLink[];
  /** The n-th (from 0) of the connections whose handshakes were accepted, now or later. */
  authenticatedLink(index?: number): Promise<FakeXmppLink>;
  /** Stops to listen and cuts every connection. */
  close(): Promise<void>;
}

/** Starts to listen on loopback. */
export async function startFakeXmppServer(
  options: FakeXmppServerOptions = {},
): Promise<FakeXmppServer> {
  const { domain = 'tracker.localhost', secret = 'secret', port = 0 } = options;
  const links: FakeXmppLink[] = [];
  const behaviour: FakeXmppBehaviour = {
    onHeader: 'answer',
    onHandshake: 'check',
    onStanza: () => undefined,
    isEchoing: true,
  };

  const onHeader = (header: Element, link: FakeXmppLink): void => {
    if (behaviour.onHeader === 'silence') {
      return;
    }
    if (behaviour.onHeader !== 'answer') {
      behaviour.onHeader(link);
      return;
    }
    if (header.attrs['to'] === domain) {
      link.sendHeader();
    } else {
      // As Prosody does it.
      link.send(link.headerText.replace(/ id='[^']*'/, " id=''"));
      link.sendStreamError('host-unknown');
    }
  };

  const onHandshake = (handshake: Element, link: FakeXmppLink): void => {
    if (behaviour.onHandshake === 'silence') {
      return;
    }
    if (behaviour.onHandshake !== 'check') {
      behaviour.onHandshake(link);
      return;
    }
    // The end of a connection that was cut just before may still be unread: the event loop gets a
    // turn to read it, so that only a living one is in the way.
    setImmediate(() => setImmediate(() => checkHandshake(handshake, link)));
  };

  const checkHandshake = (handshake: Element, link: FakeXmppLink): void => {
    const digest = createHash('sha1').update(`${link.streamId}${secret}`).digest('hex');
    if (handshake.getText() !== digest) {
      link.sendStreamError('not-authorized');
    } else if (links.some(({ isAuthenticated, isEnded }) => isAuthenticated && !isEnded)) {
      link.sendStreamError('conflict');
    } else {
      link.acceptHandshake();
    }
  };

  const isEchoed = (stanza: Element, link: FakeXmppLink): boolean =>
    typeof behaviour.isEchoing === 'boolean'
      ? behaviour.isEchoing
      : behaviour.isEchoing(stanza, link);

  const onElement = (element: Element, link: FakeXmppLink): void => {
    if (element.name === 'handshake') {
      onHandshake(element, link);
    } else if (element.attrs['to'] !== domain) {
      behaviour.onStanza(element, link);
    } else if (isEchoed(element, link)) {
      link.send(element.toString());
    }
  };

  const server = createServer((socket) => {
    links.push(new FakeXmppLink(socket, { domain, streamId: randomUUID(), onHeader, onElement }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });

  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    domain,
    secret,
    behaviour,
    links,
    authenticatedLink: (index = 0) =>
      eventually(
        () => {
          const link = links.filter(({ isAuthenticated }) => isAuthenticated)[index];
          if (link === undefined) {
            throw new Error(`${links.length} connections so far`);
          }
          return link;
        },
        undefined,
        { intervalMs: 2, timeoutMs: 4_000, what: `authenticated connection ${index}` },
      ),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        links.forEach((link) => link.destroy());
      }),
  };
}

/** The reply of type result to an IQ, from its recipient, with the payload as XML text. */
export function resultOf(iq: Element, payload = ''): string {
  const { id, from, to } = iq.attrs;
  return `<iq type='result' id='${id}' from='${to}' to='${from}'>${payload}</iq>`;
}

/** The reply of type error to an IQ, from its recipient. */
export function errorOf(iq: Element, condition: string, type = 'cancel'): string {
  const { id, from, to } = iq.attrs;
  return (
    `<iq type='error' id='${id}' from='${to}' to='${from}'><error type='${type}'>` +
    `<${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>`
  );
}
