/**
 * The XMPP connection as one that comes back: a stream at a time, opened again with backoff, and
 * between the streams and the tracker the promises of the port: order, deadlines, no throw.
 */
import { randomUUID } from 'node:crypto';
import { ConferenceError } from '@conference/muc';
import { backoffDelayMs, type Logger } from '@conference/service-runtime';
import type { Element } from 'ltx';
import type { ComponentAddress } from './component-address.js';
import type { ComponentStream, OpenComponentStream } from './component-stream.js';
import type { ConnectionTiming } from './connection-timing.js';
import { answerIq } from './iq-answers.js';
import { IqRequests } from './iq-requests.js';
import { stanzaToText } from './stanza-text.js';
import type { StreamEnd } from './stream-end.js';
import type {
  ConnectionStatus,
  XmppConnection,
  XmppConnectionListener,
} from './xmpp-connection.js';

export interface ReconnectingConnectionOptions {
  readonly address: ComponentAddress;
  readonly timing: ConnectionTiming;
  readonly listener: XmppConnectionListener;
  readonly logger: Logger;
  readonly random: () => number;
  readonly onListenerError: (error: unknown) => void;
  readonly openStream: OpenComponentStream;
}

type RetryKind = 'retry' | 'refusedRetry' | 'conflictRetry';

const NO_FAILURES: Readonly<Record<RetryKind, number>> = {
  retry: 0,
  refusedRetry: 0,
  conflictRetry: 0,
};

export class ReconnectingConnection implements XmppConnection {
  readonly #requests = new IqRequests();
  readonly #logger: Logger;
  #status: ConnectionStatus = { state: 'stopped', reason: 'the connection is not started yet' };
  #stream: ComponentStream | undefined;
  #connectionNumber = 0;
  /** Failures of each kind since the last stable connection: one kind does not slow the other. */
  #failures = NO_FAILURES;
  #retryTimer: NodeJS.Timeout | undefined;
  #isStarted = false;
  #stopping: Promise<void> | undefined;

  constructor(private readonly options: ReconnectingConnectionOptions) {
    this.#logger = options.logger.child({ component: options.address.domain });
  }

  get domain(): string {
    return this.options.address.domain;
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  start(): void {
    if (this.#isStarted || this.#stopping !== undefined) {
      return;
    }
    this.#isStarted = true;
    const { host, port } = this.options.address;
    this.#status = { state: 'connecting', reason: `connecting to ${host}:${port}` };
    this.#openStream();
  }

  async send(stanza: Element): Promise<void> {
    await this.#requireOnline().write(stanzaToText(stanza, this.domain));
  }

  async request<T>(
    iq: Element,
    { timeoutMs, onReply }: { timeoutMs: number; onReply: (reply: Element) => T },
  ): Promise<T> {
    const stream = this.#requireOnline();
    const id = randomUUID();
    iq.attrs['id'] = id;
    const text = stanzaToText(iq, this.domain);
    const to = iq.attrs['to'] ?? '';
    const reply = this.#requests.add({ id, to, timeoutMs, onReply });
    // The reply's deadline covers a full buffer too, so nobody waits for that besides.
    stream.write(text).catch((error: Error) => this.#requests.fail(id, error));
    return reply;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#retryTimer);
    const stream = this.#stream;
    const wasOnline = this.#status.state === 'online';
    const reason = 'the connection was stopped';
    this.#stream = undefined;
    this.#status = { state: 'stopped', reason };
    const isClosed = stream?.close();
    this.#requests.failAll(unavailable(reason));
    if (wasOnline) {
      this.#logger.info({}, reason);
      this.#callListener('onOffline', () => this.options.listener.onOffline(reason));
    }
    await isClosed;
  }

  #openStream(): void {
    let onlineAtMs: number | undefined;
    this.#stream = this.options.openStream({
      onOnline: () => {
        onlineAtMs = performance.now();
        this.#goOnline();
      },
      onStanza: (stanza) => this.#takeStanza(stanza),
      onEnd: (end) => this.#goOffline(end, onlineAtMs),
    });
  }

  #goOnline(): void {
    this.#connectionNumber += 1;
    const connectionNumber = this.#connectionNumber;
    this.#status = { state: 'online', sinceMs: Date.now() };
    this.#logger.info({ connectionNumber }, 'online: the XMPP server accepted the component');
    this.#callListener('onOnline', () => this.options.listener.onOnline(connectionNumber));
  }

  #goOffline(end: StreamEnd, onlineAtMs: number | undefined): void {
    const { timing, listener } = this.options;
    this.#stream = undefined;
    this.#setOffline(end);
    if (onlineAtMs !== undefined) {
      if (performance.now() - onlineAtMs >= timing.stableAfterMs) {
        this.#failures = NO_FAILURES;
      }
      this.#requests.failAll(unavailable(end.reason));
      this.#callListener('onOffline', () => listener.onOffline(end.reason));
    }
    if (this.#stopping === undefined) {
      this.#scheduleRetry(end);
    }
  }

  /** Says it once: further attempts that fail for the same reason change nothing. */
  #setOffline({ refusal, reason, cause }: StreamEnd): void {
    const before = this.#status;
    if (before.state !== 'online' && before.reason === reason) {
      return;
    }
    if (refusal === undefined) {
      this.#status = { state: 'connecting', reason };
      this.#logger.warn(
        { reason, err: cause },
        'offline: no XMPP server; trying again until there is one',
      );
    } else {
      this.#status = { state: 'refused', condition: refusal, reason };
      const level = refusal === 'conflict' ? 'warn' : 'error';
      this.#logger[level]({ reason, condition: refusal }, 'offline: the XMPP server refuses us');
    }
  }

  #scheduleRetry({ refusal, reason }: StreamEnd): void {
    const { timing, random } = this.options;
    const kind = retryKindOf(refusal);
    const delayMs = backoffDelayMs(this.#failures[kind], timing[kind], random());
    const failures = this.#failures[kind] + 1;
    this.#failures = { ...this.#failures, [kind]: failures };
    this.#logger.debug({ reason, delayMs, failures }, 'connecting again later');
    this.#retryTimer = setTimeout(() => this.#openStream(), delayMs);
  }

  #takeStanza(stanza: Element): void {
    const isReply = ['result', 'error'].includes(stanza.attrs['type'] ?? '');
    if (stanza.name !== 'iq') {
      this.#callListener('onStanza', () => this.options.listener.onStanza(stanza), stanza);
    } else if (!isReply) {
      this.#answer(stanza);
    } else if (!this.#requests.settle(stanza)) {
      this.#logger.debug({ from: stanza.attrs['from'] }, 'an IQ reply that nobody waits for');
    }
  }

  #answer(iq: Element): void {
    const answer = answerIq(iq);
    if (answer !== undefined) {
      this.send(answer).catch((err: unknown) => {
        this.#logger.debug({ err, to: iq.attrs['from'] }, 'an IQ could not be answered');
      });
    }
  }

  #callListener(method: string, call: () => void, stanza?: Element): void {
    try {
      call();
    } catch (err) {
      const fields = { err, method, stanza: stanza?.name, from: stanza?.attrs['from'] };
      this.#logger.error(fields, 'a listener of the XMPP connection failed; going on');
      this.options.onListenerError(err);
    }
  }

  #requireOnline(): ComponentStream {
    if (this.#status.state !== 'online') {
      throw unavailable(this.#status.reason);
    }
    if (this.#stream === undefined) {
      throw unavailable('the connection is being set up');
    }
    return this.#stream;
  }
}

function retryKindOf(refusal: StreamEnd['refusal']): RetryKind {
  if (refusal === undefined) return 'retry';
  return refusal === 'conflict' ? 'conflictRetry' : 'refusedRetry';
}

function unavailable(reason: string): ConferenceError {
  return new ConferenceError('xmpp-unavailable', reason, { isRetryable: true });
}
