/**
 * Who is asking. An unknown site, a wrong key and a malformed header take the same steps and get
 * the same answer, so that neither tells which it was.
 */
import { timingSafeEqual } from 'node:crypto';
import { hashApiKey, matchesAnyHash } from './api-key.js';
import { parseBasicCredentials } from './basic-credentials.js';
import type { Site } from './site-directory.js';

/** Where sites are found by their siteId. */
export interface SiteFinder {
  find(siteId: string): Site | undefined;
}

/** Stands in for the site that is not there: the steps are the same, and end in no match. */
const NOBODY: Pick<Site, 'siteId' | 'keyHashes'> = { siteId: '', keyHashes: [Buffer.alloc(32)] };

/** As long as a real key, so that comparing with it takes as long. */
const NO_KEY = Buffer.alloc(43);

export class Authenticator {
  /**
   * The key that was last found right, by site: hashing is the dearest step of a request, and most
   * requests of a site bear the same key. A changed file brings new sites, which have none yet.
   */
  readonly #lastRight = new WeakMap<object, Buffer>();

  constructor(private readonly sites: SiteFinder) {}

  /** The site that the header proves to be, or undefined. */
  authenticate(header: string): Site | undefined {
    const credentials = parseBasicCredentials(header) ?? { siteId: '', apiKey: header };
    const site = this.sites.find(credentials.siteId);
    const { siteId, keyHashes } = site ?? NOBODY;
    const apiKey = Buffer.from(credentials.apiKey);
    const lastRight = site && this.#lastRight.get(site);
    const isLastRight = isSameKey(apiKey, lastRight ?? NO_KEY) && lastRight !== undefined;
    if (isLastRight) {
      return site;
    }
    const isRight = matchesAnyHash(hashApiKey(siteId, credentials.apiKey), keyHashes);
    if (!isRight || !site) {
      return undefined;
    }
    this.#lastRight.set(site, apiKey);
    return site;
  }
}

function isSameKey(presented: Buffer, known: Buffer): boolean {
  return presented.length === known.length && timingSafeEqual(presented, known);
}
