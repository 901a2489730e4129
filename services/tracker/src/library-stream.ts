/**
 * One stream to the XMPP server over @xmpp/component; no other file imports the library. One object
 * of it serves for one attempt: it connects, opens the stream and signs the handshake. Reading,
 * writing, waiting and closing are done here and in the files beside, since its own ways lose data,
 * hang, or throw where nobody can catch.
 */
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { ConferenceError } from '@conference/muc';
import { component as createLibraryComponent, type Component } from '@xmpp/component';
import type { Element } from 'ltx';
import type { ComponentAddress } from './component-address.js';
import type { ComponentStream, ComponentStreamEvents } from './component-stream.js';
import {
  MAXIMUM_BUFFERED_BYTES,
  type ConnectionTiming,
  type StreamLimits,
} from './connection-timing.js';
import { ConnectionWatchdog } from './connection-watchdog.js';
import { OwnEchoes } from './own-echoes.js';
import { ReadingTurns } from './reading-turns.js';
import { SocketWriter } from './socket-writer.js';
import { isStanza } from './stanza-text.js';
import { endFromFailure, endFromStreamError, endOfShared, type StreamEnd } from './stream-end.js';
import { StreamParser } from './stream-parser.js';
import {
  NS_COMPONENT,
  NS_STREAM,
  selfPingText,
  STREAM_FOOTER,
  streamErrorText,
} from './stream-text.js';

export interface LibraryStreamSettings {
  readonly address: ComponentAddress;
  /** Printable ASCII. */
  readonly secret: string;
  readonly timing: ConnectionTiming;
  readonly limits: StreamLimits;
}

const TCP_KEEPALIVE_AFTER_MS = 30_000;

/**
 * Begins to connect at once; everything later is told to its events.
 * Fails with `xmpp-unavailable` where the library opens no socket.
 */
export class LibraryStream implements ComponentStream {
  readonly #component: Component;
  readonly #socket: Socket;
  readonly #writer: SocketWriter;
  readonly #watchdog: ConnectionWatchdog;
  readonly #turns: ReadingTurns;
  /** Of whatever is awaited before going online. */
  #deadline: NodeJS.Timeout;
  /** From the handshake on. */
  #echoes: OwnEchoes | undefined;
  readonly #early: Element[] = [];
  #isOnline = false;
  #isOver = false;

  constructor(
    private readonly settings: LibraryStreamSettings,
    private readonly events: ComponentStreamEvents,
  ) {
    const { address, timing } = settings;
    this.#component = this.#createComponent();
    const connected = this.#component.connect('');
    if (this.#component.socket === null) {
      throw new ConferenceError('xmpp-unavailable', 'the library opened no socket');
    }
    this.#socket = this.#component.socket;
    this.#turns = new ReadingTurns(this.#socket);
    this.#writer = new SocketWriter(this.#socket, MAXIMUM_BUFFERED_BYTES);
    this.#watchdog = new ConnectionWatchdog({
      silenceMs: timing.pingAfterSilenceMs,
      timeoutMs: timing.pingTimeoutMs,
      sendPing: () => this.#socket.write(selfPingText(address.domain, randomUUID())),
      onDead: () =>
        this.#end({ reason: `the XMPP server did not answer within ${timing.pingTimeoutMs} ms` }),
    });
    this.#deadline = setTimeout(() => {
      this.#end({ reason: `the XMPP server did not accept us in ${timing.connectTimeoutMs} ms` });
    }, timing.connectTimeoutMs);
    this.#socket.on('connect', () => this.#prepareSocket());
    this.#socket.on('end', () => this.#end({ reason: 'the XMPP server closed the connection' }));
    connected
      .then(() => (this.#isOver ? undefined : this.#component.open({ domain: address.domain })))
      .catch((error: unknown) => this.#end(endFromFailure(error, address)));
  }

  write(text: string): Promise<void> {
    return this.#writer.write(text);
  }

  async close(): Promise<void> {
    if (this.#isOver) {
      return;
    }
    this.#settle('the connection was stopped');
    if (this.#isOnline) {
      await this.#writer.end(STREAM_FOOTER, this.settings.timing.stopTimeoutMs);
    }
    this.#socket.destroy();
  }

  #createComponent(): Component {
    const { address, secret, limits, timing } = this.settings;
    const component = createLibraryComponent({
      service: '',
      domain: address.domain,
      password: secret,
    });
    component.reconnect.stop();
    // Its middleware throws on JIDs that it cannot parse, and answers in its own way.
    component.removeAllListeners('element');
    component.socketParameters = () => ({ host: address.host, port: address.port });
    // The deadline here shall come first: the library's would leave the socket open.
    component.timeout = timing.connectTimeoutMs * 2;
    component.Parser = class extends StreamParser {
      constructor() {
        super(limits);
      }
    };
    component._onData = (data) => this.#read(data);
    component._onElement = (element) => this.#takeElement(element);
    component.on('error', (error) => this.#end(endFromFailure(error, address)));
    component.on('close', () => this.#end({ reason: 'the XMPP server ended the stream' }));
    component.on('disconnect', () => this.#end({ reason: 'the connection was lost' }));
    component.prependListener('open', (header: Element) => this.#checkHeader(header));
    return component;
  }

  #prepareSocket(): void {
    // Without it, a character that two chunks share is lost.
    this.#socket.setEncoding('utf8');
    this.#socket.setNoDelay(true);
    this.#socket.setKeepAlive(true, TCP_KEEPALIVE_AFTER_MS);
  }

  #checkHeader(header: Element): void {
    // COMPAT(prosody 0.12): the id is empty where the component is unknown, and the error follows.
    // Shown by the test "host-unknown is tried again slowly, and said once".
    if (!header.is('stream', NS_STREAM) || header.attrs['xmlns'] !== NS_COMPONENT) {
      const { host, port } = this.settings.address;
      this.#end({
        reason: `${host}:${port} is no port for XMPP components: is XMPP_COMPONENT_PORT right?`,
      });
    }
  }

  /** There is no parser before our own header is sent, nor after the server's footer. */
  #read(data: string | Buffer): void {
    const { parser } = this.#component;
    if (this.#isOver || !(parser instanceof StreamParser)) {
      return;
    }
    this.#watchdog.noteLife();
    this.#turns.begin();
    const violation = parser.write(data.toString());
    this.#turns.end();
    if (violation !== undefined) {
      this.#end(violation, streamErrorText(violation));
    }
  }

  #takeElement(element: Element): void {
    if (this.#isOver) {
      return;
    }
    if (element.is('error', NS_STREAM)) {
      this.#end(endFromStreamError(element, this.settings.address));
    } else if (this.#echoes === undefined) {
      this.#awaitHandshake(element);
    } else if (!this.#isOnline) {
      this.#awaitEchoes(this.#echoes, element);
    } else if (isStanza(element)) {
      this.events.onStanza(element);
    }
  }

  #awaitHandshake(element: Element): void {
    if (element.name !== 'handshake') {
      return;
    }
    this.#component.emit('element', element);
    const { address, timing } = this.settings;
    const echoes = new OwnEchoes(address.domain);
    this.#echoes = echoes;
    this.#socket.write(echoes.text);
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => {
      if (echoes.hasHeardAny) this.#end(endOfShared(address));
      else this.#goOnline();
    }, timing.echoTimeoutMs);
  }

  /** What others say meanwhile waits until it is known that all of it comes here. */
  #awaitEchoes(echoes: OwnEchoes, element: Element): void {
    const state = echoes.hear(element);
    if (state === 'foreign') this.#early.push(element);
    else if (state === 'missing') this.#end(endOfShared(this.settings.address));
    else if (state === 'complete') this.#goOnline();
  }

  /** Within the turn of what completed it: stanzas may stand behind that in the same chunk. */
  #goOnline(): void {
    clearTimeout(this.#deadline);
    this.#isOnline = true;
    this.#watchdog.start();
    this.events.onOnline();
    for (const element of this.#early.splice(0)) this.#takeElement(element);
  }

  #end(end: StreamEnd, lastWords = ''): void {
    if (this.#isOver) {
      return;
    }
    this.#settle(end.reason);
    if (this.#socket.writable && !this.#socket.connecting) {
      this.#socket.write(`${lastWords}${STREAM_FOOTER}`);
    }
    this.#socket.destroy();
    this.events.onEnd(end);
  }

  /** From here on nothing is read, nobody waits, and no event is called but the last. */
  #settle(reason: string): void {
    this.#isOver = true;
    clearTimeout(this.#deadline);
    this.#watchdog.stop();
    const error = new ConferenceError('xmpp-unavailable', reason, { isRetryable: true });
    this.#writer.fail(error);
    // Ends whatever the library itself waits for, with its timers.
    this.#component.emit('error', error);
  }
}
