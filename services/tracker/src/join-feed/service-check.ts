/** Sees to it that what a MUC service lists for us can be the whole, before anything is read. */
import { bareJid, ConferenceError } from '@conference/muc';
import type { RoomRequests } from '../room-requests.js';
import { findServerSoftware } from '../server-software.js';
import { hasListingCommand } from './room-listing.js';

/**
 * Fails with `xmpp-refused` where the address is no MUC service, and where it is one that shows
 * hidden rooms to its administrators only and we are none: a part would pass for the whole.
 */
export async function checkMucService(requests: RoomRequests): Promise<void> {
  const { mucService, ownJid } = requests.options;
  const { identities } = await requests.serviceInfo();
  if (!identities.some(({ category }) => category === 'conference')) {
    throw new ConferenceError(
      'xmpp-refused',
      `${mucService} is no MUC service (see MUC_SERVICES): it does not say so of itself`,
    );
  }
  if (await hasListingCommand(requests)) return;
  if ((await findServerSoftware(requests))?.name !== 'Prosody') return;
  const domain = bareJid(ownJid);
  throw new ConferenceError(
    'xmpp-refused',
    `${domain} is no administrator of ${mucService}, which hides rooms from others: ` +
      `add admins = { "${domain}" } to the MUC component in Prosody's configuration`,
  );
}
