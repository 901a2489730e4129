/** The sites' file as an administrator works with it: new keys are made here and shown once. */
import { ConferenceError } from '@conference/muc';
import { generateApiKey, generateKeyId, hashApiKey, matchesAnyHash } from './api-key.js';
import { parseSiteId, type OwnedRooms, type SiteRecord } from './site.js';
import {
  addKey,
  addSite,
  removeKey,
  removeSite,
  type NewKey,
  type SiteChange,
} from './site-changes.js';
import { changeSitesFile, readSitesFile } from './sites-file.js';

/** A site with a key that is never to be seen again. */
export interface AddedSite {
  /** Normalised. */
  readonly siteId: string;
  readonly keyId: string;
  readonly apiKey: string;
}

/**
 * Adds a site with a first key. Several processes may change the file at once.
 * This and the functions below fail with `configuration-invalid`, with one sentence, where the
 * file is unusable or the change cannot be made.
 */
export function addSiteToFile(path: string, siteId: string, rooms: OwnedRooms): Promise<AddedSite> {
  const normalised = requireSiteId(siteId);
  const { added, key } = makeKey(normalised);
  return change(path, (sites) => addSite(sites, normalised, rooms, key), added);
}

/** Gives a site one more key; the earlier ones go on working until they are removed. */
export function rotateKeyInFile(path: string, siteId: string): Promise<AddedSite> {
  const normalised = requireSiteId(siteId);
  const { added, key } = makeKey(normalised);
  return change(path, (sites) => addKey(sites, normalised, key), added);
}

/** Takes away one key of a site, or without a keyId the whole site. */
export function removeFromFile(path: string, siteId: string, keyId?: string): Promise<void> {
  const normalised = requireSiteId(siteId);
  return change(
    path,
    (sites) =>
      keyId === undefined ? removeSite(sites, normalised) : removeKey(sites, normalised, keyId),
    undefined,
  );
}

/** Every site of the file; none where there is no file. */
export async function listSitesInFile(path: string): Promise<readonly SiteRecord[]> {
  return (await readSitesFile(path))?.sites ?? [];
}

/** Tells whether a key is one of the site's: by its hash, whatever it is called. */
export function holdsKey({ siteId, keys }: SiteRecord, apiKey: string): boolean {
  const hashes = keys.map(({ hash }) => Buffer.from(hash, 'base64url'));
  return matchesAnyHash(hashApiKey(siteId, apiKey), hashes);
}

function makeKey(siteId: string): { readonly added: AddedSite; readonly key: NewKey } {
  const apiKey = generateApiKey();
  const keyId = generateKeyId();
  const hash = hashApiKey(siteId, apiKey).toString('base64url');
  const createdAt = new Date().toISOString();
  return { added: { siteId, keyId, apiKey }, key: { id: keyId, hash, createdAt } };
}

function requireSiteId(text: string): string {
  const siteId = parseSiteId(text);
  if (siteId === undefined) {
    throw new ConferenceError(
      'configuration-invalid',
      `"${text}" is no siteId: it must be 1 to 64 of A-Z a-z 0-9 . _ -`,
    );
  }
  return siteId;
}

function change<T>(
  path: string,
  make: (sites: Parameters<typeof removeSite>[0]) => SiteChange,
  result: T,
): Promise<T> {
  return changeSitesFile(path, (sites) => {
    const changed = make(sites);
    if (changed.refusal !== undefined) {
      throw new ConferenceError('configuration-invalid', changed.refusal);
    }
    return { sites: changed.sites, result };
  });
}
