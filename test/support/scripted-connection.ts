/** An XmppConnection whose other side is a script: what it answers, and when, is up to the test. */
import { ConferenceError } from '@conference/muc';
import { parse } from 'ltx';
import type { Element } from 'ltx';
import type {
  ConnectionStatus,
  XmppConnection,
} from '../../services/tracker/src/xmpp-connection.js';

/** The payload of a result as XML, or the failure. */
export type ScriptedAnswer = string | ConferenceError;

export class ScriptedConnection implements XmppConnection {
  readonly domain = 'tracker.localhost';
  readonly status: ConnectionStatus = { state: 'online', sinceMs: 0 };
  /** Every stanza that was sent, in order, IQs included. */
  readonly sent: Element[] = [];
  /** Called for each IQ; an answer that is a promise may come late. */
  answer: (iq: Element) => ScriptedAnswer | Promise<ScriptedAnswer> = () =>
    new ConferenceError('timeout', 'the script has no answer', { isRetryable: true });
  /** Called for each presence or message, before sending is over. */
  onSent: (stanza: Element) => void = () => undefined;

  start(): void {
    throw new Error('the script is always online');
  }

  send(stanza: Element): Promise<void> {
    this.sent.push(stanza);
    this.onSent(stanza);
    return Promise.resolve();
  }

  async request<T>(
    iq: Element,
    options: { readonly timeoutMs: number; readonly onReply: (reply: Element) => T },
  ): Promise<T> {
    this.sent.push(iq);
    const answer = await this.answer(iq);
    if (answer instanceof ConferenceError) throw answer;
    const { from, to } = iq.attrs;
    return options.onReply(parse(`<iq type='result' from='${to}' to='${from}'>${answer}</iq>`));
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}

/** The failure of a request that was answered with a stanza error (RFC 6120, 8.3.3). */
export function stanzaError(condition: string): ConferenceError {
  return new ConferenceError('stanza-error', condition, { condition });
}
