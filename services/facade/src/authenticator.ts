/**
 * Who is asking. An unknown site, a wrong key and a malformed header take the same steps and get
 * the same answer, so that neither tells which it was.
 */
import { hashApiKey, matchesAnyHash } from './api-key.js';
import { parseBasicCredentials } from './basic-credentials.js';
import type { Site } from './site-directory.js';

/** Where sites are found by their siteId. */
export interface SiteFinder {
  find(siteId: string): Site | undefined;
}

const NOBODY = { siteId: '', keyHashes: [Buffer.alloc(32)] };

/** The site that the header proves to be, or undefined. */
export function authenticate(sites: SiteFinder, header: string): Site | undefined {
  const credentials = parseBasicCredentials(header) ?? { siteId: '', apiKey: header };
  const site = sites.find(credentials.siteId);
  const { siteId, keyHashes } = site ?? NOBODY;
  const isMatch = matchesAnyHash(hashApiKey(siteId, credentials.apiKey), keyHashes);
  return isMatch ? site : undefined;
}
