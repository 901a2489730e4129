/** What the conditions and preferences of a request come to (RFC 9110, 8.8, 12.5.3 and 13). */

/** Tells whether the client takes gzip. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  if (acceptEncoding === undefined) {
    return false;
  }
  let byWildcard = false;
  for (const part of acceptEncoding.split(',')) {
    const [coding = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const quality = parameters.find((text) => text.startsWith('q='));
    const isWanted = quality === undefined || Number(quality.slice(2)) > 0;
    if (coding === 'gzip' || coding === 'x-gzip') {
      return isWanted;
    }
    byWildcard ||= coding === '*' && isWanted;
  }
  return byWildcard;
}

/** Tells whether an `If-None-Match` names the ETag: one, a list, or `*`; weak or not. */
export function namesEtag(ifNoneMatch: string, etag: string): boolean {
  return (
    ifNoneMatch === etag ||
    ifNoneMatch.trim() === '*' ||
    [...ifNoneMatch.matchAll(/"[^"]*"/g)].some(([tag]) => tag === etag)
  );
}

/**
 * The `Last-Modified` of a list that changed at an instant, both in ms since 1970.
 *
 * An HTTP date has whole seconds, and a list may change several times in one. So the second of
 * the change is told only once it is over; until then it is the second before. No two states
 * that a client can hold then share a date that counts: see `isUnmodified`.
 */
export function lastModifiedMs(modifiedAtMs: number, nowMs: number): number {
  const second = Math.floor(modifiedAtMs / 1000);
  return (Math.floor(nowMs / 1000) > second ? second : second - 1) * 1000;
}

/**
 * Tells whether an `If-Modified-Since` is exactly the date of the list, in a second that is over.
 * Other dates, also later ones, come from the client's own clock and prove nothing.
 */
export function isUnmodified(
  ifModifiedSince: string,
  modifiedAtMs: number,
  nowMs: number,
): boolean {
  const second = Math.floor(modifiedAtMs / 1000);
  return Math.floor(nowMs / 1000) > second && Date.parse(ifModifiedSince) === second * 1000;
}
