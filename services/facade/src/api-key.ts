/**
 * API keys: 256 random bits, shown once and kept only as a hash. Why one plain hash is enough for
 * such keys is in docs/decisions/0004-api-keys.md.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const KEY_BYTES = 32;
const KEY_ID_BYTES = 6;

/** A new key: 43 characters of base64url. */
export function generateApiKey(): string {
  return randomBytes(KEY_BYTES).toString('base64url');
}

/** A new public name for a key, to tell the keys of a site apart. */
export function generateKeyId(): string {
  return randomBytes(KEY_ID_BYTES).toString('base64url');
}

/**
 * SHA-256 over the key, bound to its site and to this use: the same key at two sites has two
 * hashes, and neither equals a hash made elsewhere.
 * @param siteId normalised
 */
export function hashApiKey(siteId: string, apiKey: string): Buffer {
  return createHash('sha256').update(`conference-api-key\n${siteId}\n${apiKey}`).digest();
}

/** Compares a presented hash with all hashes of a site, in a time that tells nothing of them. */
export function matchesAnyHash(presented: Buffer, hashes: readonly Buffer[]): boolean {
  let isMatch = false;
  for (const hash of hashes) {
    isMatch = timingSafeEqual(presented, hash) || isMatch;
  }
  return isMatch;
}
