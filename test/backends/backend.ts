/**
 * A backend: an XMPP server together with the way in which the tracker follows it. Each is one
 * folder beside this file, and every scenario runs on all of them.
 */
import type { FieldSource, FollowingKind } from '@conference/muc';
import type { XmppServer, XmppServerOptions } from '../servers/xmpp-server.js';

export interface BackendServerOptions extends XmppServerOptions {
  /** The server must be able to keep a room whose name is as long as a JID allows. */
  readonly hasLongNames?: boolean;
  /** Whoever comes first may use a destroyed room's name again at once. */
  readonly hasNoTombstones?: boolean;
}

export interface Backend {
  /** For people, e.g. `Prosody 0.12, joined`. */
  readonly title: string;
  /** Starts a server with nothing in it. */
  start(options?: BackendServerOptions): Promise<XmppServer>;
  /** The tracker's environment beside what every backend needs. */
  readonly trackerEnvironment: Readonly<Record<string, string>>;
  readonly quirks: Quirks;
  readonly capabilities: ExpectedCapabilities;
}

/** What `GET /v1/capabilities.json` must tell of it, once it has a room. */
export interface ExpectedCapabilities {
  readonly softwareName: string;
  readonly following: FollowingKind;
  readonly creationDate: FieldSource;
  readonly modificationDate: FieldSource;
  readonly maxUsers: FieldSource;
}

/** Where servers differ, so that tests must expect different things; each folder says why. */
export interface Quirks {
  /** Whether a room is listed to everybody from its creation on. */
  readonly isPublicByDefault: boolean;
  /** Most occupants of a room that nobody has configured; 0 = no limit. */
  readonly defaultMaxUsers: number;
  /** Whether the server's own count of a room's occupants has the tracker in it. */
  readonly countsTracker: boolean;
  /** What a persistent room answers when it has been destroyed. */
  readonly destroyedCondition: 'gone' | 'item-not-found';
  /** Whether banning a domain puts those of its people out who are in (XEP-0045, #ban). */
  readonly ejectsBannedDomain: boolean;
  /** The role in a room as it is made of somebody present who is no admin any more. */
  readonly roleOfDismissedAdmin: 'participant' | 'visitor';
}
