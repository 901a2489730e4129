/** Which component we are, and where its server listens. */
import { ConferenceError, isDomain, normaliseJidPart } from '@conference/muc';

export interface ComponentAddress {
  readonly host: string;
  readonly port: number;
  /** The component's domain, normalised. */
  readonly domain: string;
}

/**
 * Checks and normalises an address from the settings.
 * Fails with `configuration-invalid` when the domain is no domain.
 */
export function parseComponentAddress(address: ComponentAddress): ComponentAddress {
  const { host, port } = address;
  const domain = normaliseJidPart(address.domain);
  if (!isDomain(domain)) {
    throw new ConferenceError('configuration-invalid', 'XMPP_COMPONENT_DOMAIN must be a domain');
  }
  return { host, port, domain };
}

/**
 * Refuses a secret that the handshake (XEP-0114) cannot be signed with: the library hashes it as
 * Latin-1, servers as UTF-8.
 * Fails with `configuration-invalid`, without showing the secret.
 */
export function checkComponentSecret(secret: string): void {
  if (!/^[\x20-\x7e]+$/.test(secret)) {
    throw new ConferenceError(
      'configuration-invalid',
      'XMPP_COMPONENT_SECRET must consist of one or more printable ASCII characters',
    );
  }
}
