/** HTTP Basic credentials (RFC 7617). */

export interface Credentials {
  readonly siteId: string;
  readonly apiKey: string;
}

const BASIC = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i;

/** Reads an `Authorization` header; undefined where it is no well-formed Basic one. */
export function parseBasicCredentials(header: string): Credentials | undefined {
  const [, token] = BASIC.exec(header) ?? [];
  if (token === undefined) {
    return undefined;
  }
  const text = Buffer.from(token, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? undefined : { siteId: text.slice(0, colon), apiKey: text.slice(colon + 1) };
}
