/** The site that `up` makes, so that the printed address answers with every room. */
import { existsSync, readFileSync } from 'node:fs';
import {
  type AddedSite,
  addSiteToFile,
  holdsKey,
  listSitesInFile,
  rotateKeyInFile,
} from '@conference/facade';
import { ConferenceError } from '@conference/muc';
import { writePrivately } from './secrets.js';
import { reasonOf, type StateDir } from './state-dir.js';

const SITE_ID = 'demo';

/**
 * The site that owns all rooms of the MUC service, with a key that works: made at the first `up`,
 * kept at later ones. Somebody who took the key or the site away, or edited the key, gets a new one.
 * Fails with `configuration-invalid` where one of the two files cannot be used.
 */
export async function ensureDefaultSite(dir: StateDir, mucService: string): Promise<AddedSite> {
  const known = readKnownSite(dir.defaultSiteFile);
  const site = (await listSitesInFile(dir.sitesFile)).find(({ siteId }) => siteId === SITE_ID);
  if (known !== undefined && site !== undefined && holdsKey(site, known.apiKey)) {
    return known;
  }
  const added =
    site === undefined
      ? await addSiteToFile(dir.sitesFile, SITE_ID, { by: 'mucService', mucService })
      : await rotateKeyInFile(dir.sitesFile, SITE_ID);
  writePrivately(dir.defaultSiteFile, `${JSON.stringify(added, undefined, 2)}\n`);
  return added;
}

function readKnownSite(file: string): AddedSite | undefined {
  if (!existsSync(file)) {
    return undefined;
  }
  try {
    const { siteId, keyId, apiKey } = JSON.parse(readFileSync(file, 'utf8')) as Partial<AddedSite>;
    return siteId === SITE_ID && typeof keyId === 'string' && typeof apiKey === 'string'
      ? { siteId, keyId, apiKey }
      : undefined;
  } catch (cause) {
    throw new ConferenceError(
      'configuration-invalid',
      `the key in ${file} cannot be read: ${reasonOf(cause)}. Delete the file to get a new key`,
      { cause },
    );
  }
}
