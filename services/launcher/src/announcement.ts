/** What `up` tells when it is ready: to people, and to programs. */
import type { Account } from './prosody-files.js';
import { MEMORY_STORE_NOTE, type UpOptions } from './up-options.js';

/** The content of `up.json`. */
export interface Announcement {
  /** Address of the REST API without a path. */
  readonly http: string;
  readonly siteId: string;
  readonly apiKey: string;
  readonly xmpp: {
    readonly host: string;
    readonly port: number;
    /** Of the accounts. */
    readonly domain: string;
    /** Where anybody may log in without an account (XEP-0175). */
    readonly anonymousDomain: string;
    readonly websocket: string;
    readonly accounts: readonly Account[];
  };
  readonly mucService: string;
}

/**
 * The lines for people. One of them, and only one, begins with `curl ` and works pasted as it is.
 * @param store the one that forgets says so
 * @param environment to see whether curl would ask a proxy for loopback
 */
export function describeAnnouncement(
  announcement: Announcement,
  announcementFile: string,
  store: UpOptions['store'],
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const { http, siteId, apiKey, xmpp, mucService } = announcement;
  const isProxied = Boolean(
    environment['http_proxy'] ?? environment['ALL_PROXY'] ?? environment['all_proxy'],
  );
  const accounts = xmpp.accounts.map(
    ({ jid, password }) => `             ${jid}  password ${password}`,
  );
  return [
    '',
    'Ready. Chat clients connect here, without encryption:',
    `  server     ${xmpp.host} port ${xmpp.port}, domain ${xmpp.domain}`,
    `  WebSocket  ${xmpp.websocket}`,
    '  accounts   these two are made already:',
    ...accounts,
    `  anonymous  domain ${xmpp.anonymousDomain}, no account needed`,
    `  rooms      NAME@${mucService}`,
    '',
    'The list of rooms:',
    '',
    `curl -sS ${isProxied ? "--noproxy '*' " : ''}-u '${siteId}:${apiKey}' ${http}/v1/conference.json`,
    '',
    ...(store === 'memory' ? [MEMORY_STORE_NOTE] : []),
    `The same for programs: ${announcementFile}. Ctrl-C stops everything.`,
    '',
  ].join('\n');
}
