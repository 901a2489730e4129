/** One logged-in stream of a chat client: requests and waiting, all with deadlines. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type Authenticate, type Client, client as createClient, xml } from '@xmpp/client';
import type { Element } from 'ltx';
import { withDeadline } from './eventually.js';

export { xml };

/** The longest to wait for a login, in ms: one that a server begins while it starts may be lost. */
const LOGIN_TIMEOUT_MS = 10_000;
/** How long the library may wait for a server, perhaps lost, to close its stream, in ms. */
const CLOSE_TIMEOUT_MS = 500;

export interface SessionOptions {
  readonly host: string;
  /** Of chat clients over TCP. */
  readonly port: number;
  readonly domain: string;
  /** Bare JID and password; without one the login is anonymous (XEP-0175). */
  readonly account?: { readonly jid: string; readonly password: string };
  readonly resource?: string;
  /** For each wait, in ms. */
  readonly timeoutMs?: number;
}

/** A stanza error that answered a stanza of ours (RFC 6120, 8.3). */
export class StanzaFailure extends Error {
  constructor(
    readonly condition: string,
    readonly stanza: Element,
  ) {
    super(`${condition} in answer: ${stanza.toString()}`);
  }
}

interface Waiter {
  /** Throws to fail the wait. */
  readonly isIt: (stanza: Element) => boolean;
  readonly resolve: (stanza: Element) => void;
  readonly reject: (reason: unknown) => void;
}

export class ClientSession {
  /** Every stanza received, oldest first. */
  readonly received: Element[] = [];
  readonly #client: Client;
  readonly #waiters = new Set<Waiter>();
  readonly #timeoutMs: number;

  private constructor(client: Client, timeoutMs: number) {
    this.#client = client;
    this.#timeoutMs = timeoutMs;
    client.reconnect.stop();
    // The library decodes each chunk by itself, which breaks characters that span two of them.
    client.on('connect', () => {
      client.socket?.setEncoding('utf8');
    });
    client.on('stanza', (stanza: Element) => this.#receive(stanza));
    client.on('error', (error: unknown) => {
      client.timeout = CLOSE_TIMEOUT_MS;
      this.#failAll(error);
    });
    client.on('disconnect', () => this.#failAll(new Error('the stream ended')));
  }

  /** Connects and logs in. */
  static async open(options: SessionOptions): Promise<ClientSession> {
    const timeoutMs = options.timeoutMs ?? 10_000;
    const service = `xmpp://${options.host}:${options.port}`;
    const client = createClient({
      service,
      domain: options.domain,
      ...(options.resource === undefined ? {} : { resource: options.resource }),
      ...(options.account === undefined ? {} : { credentials: logInWith(options.account) }),
      timeout: timeoutMs,
    });
    const session = new ClientSession(client, timeoutMs);
    try {
      const loginMs = Math.min(timeoutMs, LOGIN_TIMEOUT_MS);
      await withDeadline(
        start(client, service, options.domain),
        `the login at ${options.domain}`,
        loginMs,
      );
    } catch (error) {
      session.abort();
      throw error;
    }
    client.timeout = CLOSE_TIMEOUT_MS;
    return session;
  }

  /** The full JID that the server gave. */
  get jid(): string {
    return this.#client.jid?.toString() ?? '';
  }

  /** Whether the stream is up. */
  get isOnline(): boolean {
    return this.#client.status === 'online';
  }

  async send(stanza: Element): Promise<void> {
    await withDeadline(this.#client.send(stanza), `sending ${stanza.name}`, this.#timeoutMs);
  }

  /**
   * Waits for the next stanza for which the condition holds; a condition that throws ends the
   * wait with that failure. Begin to wait before sending what causes the stanza.
   */
  waitFor(isIt: (stanza: Element) => boolean, what: string): Promise<Element> {
    if (!this.isOnline) {
      return Promise.reject(new Error(`waiting in vain for ${what}: the stream has ended`));
    }
    const waiter = new Promise<Element>((resolve, reject) => {
      this.#waiters.add({ isIt, resolve, reject });
    });
    return withDeadline(waiter, `${what} at ${this.jid}`, this.#timeoutMs);
  }

  /** Sends, and waits for the stanza that answers; an error with the same id fails the wait. */
  async ask(stanza: Element, isIt: (stanza: Element) => boolean, what: string): Promise<Element> {
    stanza.attrs['id'] ??= randomUUID();
    const answer = this.waitFor((candidate) => {
      if (candidate.attrs['type'] === 'error' && candidate.attrs['id'] === stanza.attrs['id']) {
        throw new StanzaFailure(errorCondition(candidate), candidate);
      }
      return isIt(candidate);
    }, what);
    // Handled by whoever awaits `answer`, also where sending fails first.
    answer.catch(() => undefined);
    await this.send(stanza);
    return answer;
  }

  /** Sends an IQ and waits for its result; fails with `StanzaFailure`. */
  request(type: 'get' | 'set', to: string, child: Element): Promise<Element> {
    const id = randomUUID();
    return this.ask(
      xml('iq', { type, to, id }, child),
      (stanza) => stanza.name === 'iq' && stanza.attrs['id'] === id,
      `the answer of ${to}`,
    );
  }

  /** Ends the stream in order. */
  async close(): Promise<void> {
    if (this.isOnline) {
      await withDeadline(this.#client.stop(), 'the end of the stream', this.#timeoutMs);
    }
  }

  /** Cuts the connection without a word, as a lost network does. */
  abort(): void {
    this.#client.socket?.destroy();
  }

  #receive(stanza: Element): void {
    this.received.push(stanza);
    for (const waiter of [...this.#waiters]) {
      try {
        if (!waiter.isIt(stanza)) {
          continue;
        }
        waiter.resolve(stanza);
      } catch (error) {
        waiter.reject(error);
      }
      this.#waiters.delete(waiter);
    }
  }

  #failAll(reason: unknown): void {
    for (const waiter of this.#waiters) {
      waiter.reject(reason);
    }
    this.#waiters.clear();
  }
}

/**
 * Logs in with the password itself where the server takes it (RFC 4616): deriving a key in thousands
 * of rounds of JavaScript takes longer than most tests.
 */
function logInWith(account: { readonly jid: string; readonly password: string }) {
  const credentials = { username: account.jid.split('@')[0] ?? '', password: account.password };
  return async (authenticate: Authenticate, mechanisms: readonly string[]): Promise<void> =>
    authenticate(credentials, mechanisms.includes('PLAIN') ? 'PLAIN' : (mechanisms[0] ?? ''));
}

function errorCondition(stanza: Element): string {
  const namespace = 'urn:ietf:params:xml:ns:xmpp-stanzas';
  const condition = stanza
    .getChild('error')
    ?.getChildElements()
    .find((child) => child.name !== 'text' && child.getNS() === namespace);
  return condition?.name ?? 'undefined-condition';
}

/**
 * Connects, and resolves when it is logged in. The library's own `start` leaves a rejection that
 * nobody handles where the connection breaks while the stream is opened.
 */
async function start(client: Client, service: string, domain: string): Promise<void> {
  await client.connect(service);
  await Promise.all([once(client, 'online'), client.open({ domain })]);
}
