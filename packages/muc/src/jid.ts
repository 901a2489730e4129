/**
 * The few things the project needs of JIDs. Servers send JIDs normalised (RFC 7622); ours, which
 * come from settings and files, are brought into the same form, and only such forms are compared.
 */

/** The bare JID of any JID: everything before the first `/`. */
export function bareJid(jid: string): string {
  const slash = jid.indexOf('/');
  return slash === -1 ? jid : jid.slice(0, slash);
}

/** The resource of a full or occupant JID (in MUC: the nick), or undefined where it has none. */
export function resourceOf(jid: string): string | undefined {
  const slash = jid.indexOf('/');
  return slash === -1 ? undefined : jid.slice(slash + 1);
}

/** The localpart of a JID, or undefined where it is a domain. A roomId is the room's localpart. */
export function localpartOf(jid: string): string | undefined {
  const bare = bareJid(jid);
  const at = bare.indexOf('@');
  return at === -1 ? undefined : bare.slice(0, at);
}

/** The domain of a JID. */
export function domainOf(jid: string): string {
  const bare = bareJid(jid);
  return bare.slice(bare.indexOf('@') + 1);
}

/** The JID of a room: roomId and MUC service put together. */
export function roomJid(roomId: string, mucService: string): string {
  return `${roomId}@${mucService}`;
}

/**
 * Normalises a localpart or domain as servers do (Nodeprep and Nameprep, RFC 6122: NFKC and case
 * folding). Upper-casing first folds what lower-casing alone leaves, such as the final sigma.
 */
export function normaliseJidPart(part: string): string {
  return part.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
}
