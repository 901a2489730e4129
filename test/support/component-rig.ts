/** A component connection with short times, its fake server, and a record of all it says. */
import type { XmppConnectionListener } from '../../services/tracker/src/xmpp-connection.js';
import {
  createComponentConnection,
  type ComponentConnectionOptions,
} from '../../services/tracker/src/component-connection.js';
import type { ConnectionTiming } from '../../services/tracker/src/connection-timing.js';
import type { XmppConnection } from '../../services/tracker/src/xmpp-connection.js';
import type { Logger } from '@conference/service-runtime';
import type { Element } from 'ltx';
import type { FakeXmppLink } from '../servers/fake-xmpp-link.js';
import { startFakeXmppServer, type FakeXmppServer } from '../servers/fake-xmpp-server.js';
import { eventually } from './eventually.js';

/** Quick, and yet long enough for a busy machine where nothing is to happen. */
export const SHORT_TIMING: ConnectionTiming = {
  connectTimeoutMs: 2_000,
  echoTimeoutMs: 200,
  pingAfterSilenceMs: 60_000,
  pingTimeoutMs: 60_000,
  stableAfterMs: 60_000,
  stopTimeoutMs: 500,
  retry: { initialMs: 2, maximumMs: 16 },
  refusedRetry: { initialMs: 4, maximumMs: 32 },
  conflictRetry: { initialMs: 4, maximumMs: 32 },
};

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

export type RecordedEvent =
  | { readonly kind: 'online'; readonly connectionNumber: number }
  | { readonly kind: 'offline'; readonly reason: string }
  | { readonly kind: 'stanza'; readonly stanza: Element };

export interface ComponentRig {
  readonly server: FakeXmppServer;
  readonly connection: XmppConnection;
  /** What the listener got, in order. */
  readonly events: RecordedEvent[];
  readonly logLines: LogLine[];
  /** The stanzas among the events. */
  stanzas(): Element[];
  /** Starts the connection, and waits until it is online. */
  goOnline(): Promise<FakeXmppLink>;
  /** Stops both sides. */
  stop(): Promise<void>;
}

export interface ComponentRigOptions extends Partial<Omit<ComponentConnectionOptions, 'timing'>> {
  readonly timing?: Partial<ConnectionTiming>;
  /** Called for each stanza after it was recorded. */
  readonly onStanza?: (stanza: Element) => void;
}

export async function createComponentRig(options: ComponentRigOptions = {}): Promise<ComponentRig> {
  const { timing, onStanza, ...overrides } = options;
  const server = await startFakeXmppServer();
  const events: RecordedEvent[] = [];
  const logLines: LogLine[] = [];
  const listener: XmppConnectionListener = {
    onOnline: (connectionNumber) => events.push({ kind: 'online', connectionNumber }),
    onOffline: (reason) => events.push({ kind: 'offline', reason }),
    onStanza: (stanza) => {
      events.push({ kind: 'stanza', stanza });
      onStanza?.(stanza);
    },
  };
  const connection = createComponentConnection({
    host: server.host,
    port: server.port,
    domain: server.domain,
    secret: server.secret,
    listener,
    logger: createRecordingLogger(logLines),
    timing: { ...SHORT_TIMING, ...timing },
    ...overrides,
  });
  return {
    server,
    connection,
    events,
    logLines,
    stanzas: () => events.flatMap((event) => (event.kind === 'stanza' ? [event.stanza] : [])),
    goOnline: async () => {
      connection.start();
      const link = await server.authenticatedLink();
      await waitFor(() => connection.status.state === 'online', 'the connection to be online');
      return link;
    },
    stop: async () => {
      await connection.stop();
      await server.close();
    },
  };
}

/** Waits until a condition holds, looking often; by default within the time of one test. */
export async function waitFor(
  isTrue: () => boolean,
  what: string,
  timeoutMs = 4_000,
): Promise<void> {
  await eventually(isTrue, Boolean, { intervalMs: 2, timeoutMs, what });
}

function createRecordingLogger(lines: LogLine[]): Logger {
  const record =
    (level: LogLine['level']) =>
    (fields: object, message: string): void => {
      lines.push({ level, message, fields: { ...fields } });
    };
  const logger: Logger = {
    debug: record('debug'),
    info: record('info'),
    warn: record('warn'),
    error: record('error'),
    child: () => logger,
  };
  return logger;
}
