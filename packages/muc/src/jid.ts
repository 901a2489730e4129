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
 * What is in no domain: separators of a JID or of a list, white space, control characters, and what
 * XML would take for its own. Which letters a name may have is for the server to say.
 */
const NO_DOMAIN = /[\s@/,;"'&<>\p{Cc}]/u;
const LONGEST_DOMAIN_BYTES = 1023;

/** Whether a text is a domain, and so no JID with a user or a resource (RFC 7622, 3.2). */
export function isDomain(text: string): boolean {
  const domain = normaliseJidPart(text);
  const bytes = Buffer.byteLength(domain);
  const labels = domain.replace(/\.$/, '').split('.');
  return (
    !NO_DOMAIN.test(domain) &&
    labels.every((label) => label !== '') &&
    bytes <= LONGEST_DOMAIN_BYTES
  );
}

/** Characters that are mapped to nothing (RFC 3454, table B.1), e.g. the soft hyphen. */
const MAPPED_TO_NOTHING =
  /[\u00AD\u034F\u1806\u180B-\u180D\u200B-\u200D\u2060\uFE00-\uFE0F\uFEFF]/gu;

/**
 * Normalises a localpart or domain as servers do (Nodeprep and Nameprep, RFC 6122: NFKC and case
 * folding). Letters younger than Unicode 3.2 are folded too, which servers may leave as they are.
 */
export function normaliseJidPart(part: string): string {
  const mapped = part.replace(MAPPED_TO_NOTHING, '').normalize('NFKC');
  return Array.from(mapped, foldCase).join('').normalize('NFKC');
}

/**
 * Folds one character. Upper-casing first folds what lower-casing alone leaves; each character is
 * lowered by itself, since within a word JavaScript makes a final sigma of the last one.
 */
function foldCase(character: string): string {
  // The dotless i has no other case, though JavaScript gives it that of the dotted one.
  if (character === 'ı') return character;
  return Array.from(character.toLowerCase().toUpperCase(), (upper) => upper.toLowerCase()).join('');
}
