import type { Element } from 'ltx';

/**
 * The connection of one XMPP component (XEP-0114) to its server, as the tracker needs it. The one
 * adapter (component-connection, library-stream) owns every weakness of the library beneath it.
 *
 * Order is a promise: listeners and reply callbacks run synchronously, in the order in which the
 * stanzas stood on the stream, so that a reply is a snapshot at its place among the events.
 */
export interface XmppConnection {
  /** The component's own domain, normalised. */
  readonly domain: string;

  /** Where the connection stands; `reason` is a sentence for people while it is not `online`. */
  readonly status: ConnectionStatus;

  /** Begins to connect, and goes on trying until `stop`. Does not wait for success. */
  start(): void;

  /**
   * Sends a stanza; `from` must lie in the component's domain. Waits while the socket's buffer is
   * full. Fails with `xmpp-unavailable`.
   */
  send(stanza: Element): Promise<void>;

  /**
   * Sends an IQ and waits for the reply with the same id from the same sender. The id is set here.
   * `onReply` gets the reply synchronously, in stream order; what it returns is the result, what
   * it throws is the failure.
   * Fails with `stanza-error` (with `condition`), `timeout`, `xmpp-unavailable` (also at once when
   * the connection is lost meanwhile), `protocol-violation`.
   */
  request<T>(
    iq: Element,
    options: { readonly timeoutMs: number; readonly onReply: (reply: Element) => T },
  ): Promise<T>;

  /** Ends the stream, destroys the socket, and never reconnects. May be called twice. */
  stop(): Promise<void>;
}

export type ConnectionStatus =
  | { readonly state: 'online'; readonly sinceMs: number }
  | { readonly state: 'connecting' | 'stopped'; readonly reason: string }
  | {
      /** The server said no; it is tried again with backoff, but somebody should look. */
      readonly state: 'refused';
      readonly condition: 'not-authorized' | 'host-unknown' | 'conflict';
      readonly reason: string;
    };

/** Gets everything that the server sends; none of the methods may throw out of the adapter. */
export interface XmppConnectionListener {
  /** A new stream is authenticated. `connectionNumber` grows with each. */
  onOnline(connectionNumber: number): void;
  /** The stream is gone; nothing more of it will be delivered. */
  onOffline(reason: string): void;
  /**
   * Every presence and every message. IQs never come here: replies settle their requests or are
   * dropped, and what others ask the component is answered by the adapter.
   */
  onStanza(stanza: Element): void;
}
