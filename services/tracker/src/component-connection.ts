/** The XMPP connection of a component, which comes back by itself: its options and how it is made. */
import type { Logger } from '@conference/service-runtime';
import {
  checkComponentSecret,
  parseComponentAddress,
  type ComponentAddress,
} from './component-address.js';
import {
  DEFAULT_LIMITS,
  DEFAULT_TIMING,
  type ConnectionTiming,
  type StreamLimits,
} from './connection-timing.js';
import { LibraryStream } from './library-stream.js';
import { ReconnectingConnection } from './reconnecting-connection.js';
import type { XmppConnection, XmppConnectionListener } from './xmpp-connection.js';

export interface ComponentConnectionOptions extends ComponentAddress {
  /** Shared with the server's configuration; printable ASCII. */
  readonly secret: string;
  readonly listener: XmppConnectionListener;
  readonly logger: Logger;
  readonly timing?: Partial<ConnectionTiming>;
  readonly limits?: Partial<StreamLimits>;
  /** A number in [0, 1), for the jitter of the backoff. */
  readonly random?: () => number;
  /** Told of everything that a listener throws, after it was logged: to count it. */
  readonly onListenerError?: (error: unknown) => void;
}

/**
 * A connection that is not started yet.
 * Fails with `configuration-invalid` when the domain is no domain or the secret not ASCII.
 */
export function createComponentConnection(options: ComponentConnectionOptions): XmppConnection {
  const address = parseComponentAddress(options);
  checkComponentSecret(options.secret);
  const timing = { ...DEFAULT_TIMING, ...options.timing };
  const settings = {
    address,
    timing,
    secret: options.secret,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
  };
  return new ReconnectingConnection({
    address,
    timing,
    listener: options.listener,
    logger: options.logger,
    random: options.random ?? Math.random,
    onListenerError: options.onListenerError ?? (() => undefined),
    openStream: (events) => new LibraryStream(settings, events),
  });
}
