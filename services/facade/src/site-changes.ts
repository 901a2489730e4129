/** Every change that can be made to the sites, as a pure function of the file's content. */
import { normaliseJidPart } from '@conference/muc';
import type { OwnedRooms, SiteRecord, Sites } from './site.js';

export interface NewKey {
  readonly id: string;
  readonly hash: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** A change, or the sentence that says why there is none. */
export type SiteChange =
  { readonly sites: Sites; readonly refusal?: never } | { readonly refusal: string };

/** Adds a site with its first key. @param siteId normalised */
export function addSite(sites: Sites, siteId: string, rooms: OwnedRooms, key: NewKey): SiteChange {
  if (sites.sites.some((site) => site.siteId === siteId)) {
    return { refusal: `the site ${siteId} exists; "rotate" gives it another key` };
  }
  const owned =
    rooms.by === 'suffix' ? rooms : { ...rooms, mucService: normaliseJidPart(rooms.mucService) };
  return { sites: { ...sites, sites: [...sites.sites, { siteId, rooms: owned, keys: [key] }] } };
}

/** Gives a site one more key; the earlier ones stay until they are removed. */
export function addKey(sites: Sites, siteId: string, key: NewKey): SiteChange {
  return changeSite(sites, siteId, (site) => ({ ...site, keys: [...site.keys, key] }));
}

/** Takes one key from a site; not the last, which would lock everybody out. */
export function removeKey(sites: Sites, siteId: string, keyId: string): SiteChange {
  const site = sites.sites.find((candidate) => candidate.siteId === siteId);
  if (site && !site.keys.some(({ id }) => id === keyId)) {
    return { refusal: `the site ${siteId} has no key ${keyId}` };
  }
  if (site?.keys.length === 1) {
    return { refusal: `${keyId} is the last key of ${siteId}; "rotate" first, or remove the site` };
  }
  return changeSite(sites, siteId, (found) => ({
    ...found,
    keys: found.keys.filter(({ id }) => id !== keyId),
  }));
}

/** Takes a site away, with all its keys. Its rooms stay what they are. */
export function removeSite(sites: Sites, siteId: string): SiteChange {
  return changeSite(sites, siteId, () => undefined);
}

function changeSite(
  sites: Sites,
  siteId: string,
  change: (site: SiteRecord) => SiteRecord | undefined,
): SiteChange {
  if (!sites.sites.some((site) => site.siteId === siteId)) {
    return { refusal: `there is no site ${siteId}` };
  }
  const changed = sites.sites.map((site) => (site.siteId === siteId ? change(site) : site));
  return { sites: { ...sites, sites: changed.filter((site) => site !== undefined) } };
}
