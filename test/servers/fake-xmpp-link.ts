/** One TCP connection of the fake XMPP server, under the control of a test. */
import type { Socket } from 'node:net';
import { Element } from 'ltx';
import SaxLtx from 'ltx/src/parsers/ltx.js';
import { eventually } from '../support/eventually.js';

export interface FakeXmppLinkOptions {
  readonly domain: string;
  readonly streamId: string;
  readonly onHeader: (header: Element, link: FakeXmppLink) => void;
  readonly onElement: (element: Element, link: FakeXmppLink) => void;
}

export class FakeXmppLink {
  readonly streamId: string;
  /** Every complete element that arrived, handshake included, in order, but for `selfSent`. */
  readonly received: Element[] = [];
  /** What the component sent to its own domain. */
  readonly selfSent: Element[] = [];
  /** Everything that arrived, as it stood on the wire. */
  receivedText = '';
  isAuthenticated = false;
  /** The other side ended its half of the connection, or reset it. */
  isEnded = false;
  isClosed = false;
  /** It sent a stream error: what arrives afterwards is recorded and has no effect. */
  #isRefused = false;
  readonly #socket: Socket;

  constructor(
    socket: Socket,
    private readonly options: FakeXmppLinkOptions,
  ) {
    this.#socket = socket;
    this.streamId = options.streamId;
    socket.setEncoding('utf8');
    socket.setNoDelay(true);
    socket.on('end', () => {
      this.isEnded = true;
    });
    socket.on('close', () => {
      this.isEnded = true;
      this.isClosed = true;
    });
    // A reset by the other side is what some tests are about; `isClosed` tells of it.
    socket.on('error', () => {
      this.isEnded = true;
      socket.destroy();
    });
    const sax = this.#createSax();
    socket.on('data', (text: string) => {
      this.receivedText += text;
      sax.write(text);
    });
  }

  /** The server's stream header, with the declaration before it. */
  get headerText(): string {
    return (
      `<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' ` +
      `xmlns:stream='http://etherx.jabber.org/streams' from='${this.options.domain}' ` +
      `id='${this.streamId}'>`
    );
  }

  sendHeader(): void {
    this.send(this.headerText);
  }

  acceptHandshake(): void {
    this.isAuthenticated = true;
    this.send('<handshake/>');
  }

  /** A stream error, the stream's end, and the connection's. */
  sendStreamError(condition: string): void {
    this.#isRefused = true;
    this.send(
      `<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>` +
        `</stream:stream>`,
    );
    this.#socket.end();
  }

  /** Writes XML, or anything else, in one piece. */
  send(text: string | Uint8Array): void {
    this.#socket.write(text);
  }

  /** Writes the chunks one by one, so that each arrives alone. */
  async sendChunks(chunks: readonly Uint8Array[]): Promise<void> {
    for (const chunk of chunks) {
      await new Promise<void>((resolve) => {
        this.#socket.write(chunk, () => setTimeout(resolve, 2));
      });
    }
  }

  /** Stops to read, so that the other side's buffers fill up. */
  pauseReading(): void {
    this.#socket.pause();
  }

  resumeReading(): void {
    this.#socket.resume();
  }

  /** Ends only this side's half of the connection. */
  halfClose(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Cuts the connection with a reset (RST). */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** The first element received, now or later, that fits. */
  waitFor(fits: (element: Element) => boolean, what: string): Promise<Element> {
    return eventually(
      () => {
        const element = this.received.find(fits);
        if (element === undefined) {
          throw new Error(`${this.received.length} elements so far`);
        }
        return element;
      },
      undefined,
      { intervalMs: 2, timeoutMs: 4_000, what },
    );
  }

  #createSax(): SaxLtx {
    const sax = new SaxLtx();
    let root: Element | undefined;
    let cursor: Element | undefined;
    sax.on('startElement', (name, attrs) => {
      const element = new Element(name, attrs);
      if (root === undefined) {
        root = element;
        this.options.onHeader(element, this);
      } else {
        cursor?.append(element);
        cursor = element;
      }
    });
    sax.on('text', (text) => cursor?.append(text));
    sax.on('endElement', () => {
      const element = cursor;
      cursor = element?.parent ?? undefined;
      if (element !== undefined && cursor === undefined) {
        const isToItself = element.attrs['to'] === this.options.domain;
        (isToItself ? this.selfSent : this.received).push(element);
        if (!this.#isRefused) {
          this.options.onElement(element, this);
        }
      }
    });
    return sax;
  }
}
