/** What all parts of one `up` share. */
import type { Account } from './prosody-files.js';
import type { Secrets } from './secrets.js';
import type { StateDir } from './state-dir.js';
import type { UpOptions } from './up-options.js';

/** The domains of the XMPP server that `up` runs, whichever it is. */
export const DOMAINS = {
  domain: 'localhost',
  anonymousDomain: 'anon.localhost',
  mucService: 'conference.localhost',
  trackerDomain: 'tracker.localhost',
} as const;

export interface UpContext {
  readonly options: UpOptions;
  readonly dir: StateDir;
  readonly secrets: Secrets;
  /** The project's own folder, where `services/` is. */
  readonly projectDir: string;
}

/** The two accounts that are made for people. */
export function listAccounts(secrets: Secrets): Account[] {
  return [
    { jid: `alice@${DOMAINS.domain}`, password: secrets.alicePassword },
    { jid: `bob@${DOMAINS.domain}`, password: secrets.bobPassword },
  ];
}
