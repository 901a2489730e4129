/** What every XMPP server of the tests can do, whichever it is. */
import type { Account, ProsodyPorts } from '@conference/launcher';

/** One server, which may be stopped and started again on the same ports and data. */
export interface XmppServer {
  /** Address of all ports. */
  readonly host: string;
  readonly ports: ProsodyPorts;
  /** Of the accounts. */
  readonly domain: string;
  /** Where anybody may log in without an account. */
  readonly anonymousDomain: string;
  readonly mucService: string;
  /** The component's domain, which is an admin of the MUC service. */
  readonly trackerDomain: string;
  /** Further components with the same secret and rights: for trackers that stand by. */
  readonly standbyTrackers: readonly StandbyTracker[];
  readonly componentSecret: string;
  readonly accounts: readonly Account[];
  /** The process id while it runs. */
  readonly pid: number | undefined;
  /** Everything that the server said, for the message of a failing test. */
  readonly log: string;
  /** Starts the process and waits until it can be used. */
  start(): Promise<void>;
  /** The end for good, of the temporary folder too. */
  stop(): Promise<void>;
  /** An orderly end that keeps the data (SIGTERM); `start` brings it back. */
  shutDown(): Promise<void>;
  /** An orderly end that keeps the data, and a start on the same ports. */
  restart(): Promise<void>;
  /** Ends the process at once (SIGKILL); `start` brings it back. */
  kill(): Promise<void>;
  /** Lets the process hang without closing anything (SIGSTOP). */
  suspend(): void;
  /** Ends `suspend`. */
  resume(): void;
  /**
   * Who is in a room, by the server's own administration; only where a room's owner cannot ask that
   * from outside the room (XEP-0045, #modifymod).
   */
  readonly readOccupants?: (roomJid: string) => Promise<readonly AdministeredOccupant[]>;
}

/** One session in a room as the server's administration shows it. */
export interface AdministeredOccupant {
  readonly nick: string;
  readonly role: string;
  /** Real full JID. */
  readonly jid: string;
}

/** Where a tracker that stands by connects. */
export interface StandbyTracker {
  readonly domain: string;
  readonly componentPort: number;
}

export interface XmppServerOptions {
  /** How many trackers can stand by beside the first; none by default. */
  readonly standbyTrackers?: number;
  /** Localparts of accounts to make; the first two by default `alice` and `bob`. */
  readonly users?: readonly string[];
  /** Those of them who administer the MUC service, and so own every room. */
  readonly mucAdmins?: readonly string[];
}

/** The domains that all servers of the tests have. */
export const SERVER_DOMAINS = {
  domain: 'localhost',
  anonymousDomain: 'anon.localhost',
  mucService: 'conference.localhost',
  trackerDomain: 'tracker.localhost',
} as const;

/** The domains of trackers that stand by. */
export function standbyDomains({ standbyTrackers = 0 }: XmppServerOptions): string[] {
  return Array.from({ length: standbyTrackers }, (_, index) => `tracker${index + 2}.localhost`);
}
