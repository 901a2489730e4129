/**
 * Finds out what software a MUC service runs. The service itself is asked first; most are part of
 * a server and leave that question to it, so then the domain above is asked, provided that it
 * names the service as its own.
 */
import { hasCode } from '@conference/muc';
import type { ServerSoftware } from '@conference/muc';
import {
  buildDiscoInfoRequest,
  buildDiscoItemsRequest,
  buildSoftwareVersionRequest,
  parseDiscoInfo,
  parseDiscoItems,
  parseSoftwareVersion,
} from '@conference/muc-stanza';
import type { Element } from 'ltx';
import type { RoomRequests } from './room-requests.js';

/** Identities may have any name that people gave them: only these name software. */
const SOFTWARE_NAMES = ['ejabberd', 'MongooseIM', 'Openfire', 'Prosody', 'Tigase'];

/**
 * Asks; undefined where nobody tells. Fails as XmppConnection.request where the service does not
 * answer; a refusal is an answer.
 * @see XEP-0092; XEP-0030, #items (a server's services are its items)
 */
export async function findServerSoftware(
  requests: RoomRequests,
): Promise<ServerSoftware | undefined> {
  const { mucService } = requests.options;
  const ofService = await askVersion(requests, mucService);
  if (ofService !== undefined) return ofService;
  const server = mucService.slice(mucService.indexOf('.') + 1);
  if (server === mucService || !(await namesAsItem(requests, server))) return undefined;
  return (await askVersion(requests, server)) ?? (await readIdentity(requests, server));
}

function askVersion(requests: RoomRequests, to: string): Promise<ServerSoftware | undefined> {
  const { ownJid } = requests.options;
  return askUnlessRefused(requests, buildSoftwareVersionRequest(ownJid, to), parseSoftwareVersion);
}

async function namesAsItem(requests: RoomRequests, server: string): Promise<boolean> {
  const { ownJid, mucService } = requests.options;
  const request = buildDiscoItemsRequest(ownJid, server);
  const found = await askUnlessRefused(requests, request, parseDiscoItems);
  return found?.items.some(({ jid }) => jid === mucService) ?? false;
}

async function readIdentity(
  requests: RoomRequests,
  server: string,
): Promise<ServerSoftware | undefined> {
  const { ownJid } = requests.options;
  const request = buildDiscoInfoRequest(ownJid, server);
  const info = await askUnlessRefused(requests, request, parseDiscoInfo);
  const identity = info?.identities.find(({ category }) => category === 'server');
  const name = SOFTWARE_NAMES.find(
    (known) => known.toLowerCase() === identity?.name?.toLowerCase(),
  );
  return name === undefined ? undefined : { name };
}

async function askUnlessRefused<T>(
  requests: RoomRequests,
  request: Element,
  parse: (reply: Element) => T | undefined,
): Promise<T | undefined> {
  try {
    return await requests.ask(request, parse);
  } catch (error) {
    if (hasCode(error, 'stanza-error')) return undefined;
    throw error;
  }
}
