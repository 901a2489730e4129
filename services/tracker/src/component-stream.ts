/** What the reconnecting connection needs of one authenticated stream over one TCP connection. */
import type { Element } from 'ltx';
import type { StreamEnd } from './stream-end.js';

export interface ComponentStream {
  /**
   * Writes at once, in the order of the calls; resolves when little enough is left in the socket's
   * buffer. Fails with `xmpp-unavailable` if the stream ends first.
   */
  write(text: string): Promise<void>;

  /**
   * Ends the stream in good order, waits for the server to do the same, and destroys the socket
   * when it does not. Calls no event any more.
   */
  close(): Promise<void>;
}

/** All of them are called synchronously, in the order of the stream. */
export interface ComponentStreamEvents {
  /** The server accepted the handshake, and all that is for us comes here. Called once at most. */
  onOnline(): void;
  /** A message, presence or IQ, after `onOnline`. */
  onStanza(stanza: Element): void;
  /** The attempt or the stream is over, and its socket destroyed. The last event, called once. */
  onEnd(end: StreamEnd): void;
}

export type OpenComponentStream = (events: ComponentStreamEvents) => ComponentStream;
