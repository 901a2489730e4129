/** Presence between a room and one that follows it. @see XEP-0045, #enter, #exit, #changenick */
import { bareJid, localpartOf, resourceOf } from '@conference/muc';
import { createElement } from 'ltx';
import type { Element } from 'ltx';
import { findMucUser, parseMucItems, parseStatusCodes } from './muc-user.js';
import type { MucItem } from './muc-user.js';
import { NS } from './namespaces.js';
import { parseErrorCondition } from './stanza-error.js';

/** What one presence stanza of a room says. */
export type RoomPresence =
  | AvailablePresence
  | UnavailablePresence
  /** The bare room JID ends its presence: COMPAT(ejabberd 23.01) at the end of a destroyed room. */
  | { readonly kind: 'room-unavailable'; readonly roomId: string; readonly isDestroyed: boolean }
  /** Our join or nick change was refused. */
  | {
      readonly kind: 'error';
      readonly roomId: string;
      readonly nick: string | undefined;
      readonly condition: string;
    };

/** Somebody is in the room: has come, or has changed. */
export interface AvailablePresence extends PresenceBase {
  readonly kind: 'available';
  readonly nick: string;
}

/** Somebody is no longer in the room under this nick. */
export interface UnavailablePresence extends PresenceBase {
  readonly kind: 'unavailable';
  readonly nick: string;
  /** The room was destroyed. */
  readonly isDestroyed: boolean;
  /** Free text with which the session ended. */
  readonly statusText?: string;
  /** Nothing in it comes from the occupant's client: no id, no language, no text, no code. */
  readonly isUnsaid?: true;
}

interface PresenceBase {
  readonly roomId: string;
  /** The first item; others differ only in the JID of the session. */
  readonly item: MucItem;
  /** Real full JIDs of all sessions behind the nick, where shown. */
  readonly fullJids: readonly string[];
  readonly statusCodes: readonly number[];
}

/**
 * Reads a presence that came from a room; undefined where it says nothing of an occupant (the
 * bare room JID's own presence, one without `muc#user`, or one of another type).
 */
export function parseRoomPresence(stanza: Element): RoomPresence | undefined {
  const from = stanza.attrs['from'] ?? '';
  const roomId = localpartOf(from);
  if (roomId === undefined) return undefined;
  const nick = resourceOf(from);
  const condition = parseErrorCondition(stanza);
  if (condition !== undefined) return { kind: 'error', roomId, nick, condition };
  const type = stanza.attrs['type'];
  if (type !== undefined && type !== 'unavailable') return undefined;
  const mucUser = findMucUser(stanza);
  const isDestroyed = mucUser?.getChild('destroy') !== undefined;
  if (nick === undefined) {
    return type === 'unavailable' ? { kind: 'room-unavailable', roomId, isDestroyed } : undefined;
  }
  if (mucUser === undefined) return undefined;
  const items = parseMucItems(mucUser);
  const base: PresenceBase & { readonly nick: string } = {
    roomId,
    nick,
    item: items[0] ?? { affiliation: 'none', role: 'none' },
    fullJids: items.flatMap((item) => item.fullJid ?? []),
    statusCodes: parseStatusCodes(mucUser),
  };
  if (type === undefined) return { kind: 'available', ...base };
  const statusText = stanza.getChildText('status');
  return {
    kind: 'unavailable',
    ...base,
    isDestroyed,
    ...(statusText === null || statusText === '' ? {} : { statusText }),
    ...(isUnsaid(stanza, base.statusCodes) && !isDestroyed ? { isUnsaid: true } : {}),
  };
}

/**
 * Whether a server made the departure up, since a session ended without one. COMPAT(ejabberd 23.01):
 * it gives every stanza of a client a language, and none to its own; the cases
 * presence/session-ended-ejabberd and presence/left-ejabberd show it.
 */
function isUnsaid(stanza: Element, statusCodes: readonly number[]): boolean {
  return (
    stanza.attrs['id'] === undefined &&
    stanza.attrs['xml:lang'] === undefined &&
    statusCodes.length === 0 &&
    stanza.children.every((child) => typeof child === 'string' || child.name === 'x')
  );
}

/**
 * A join that asks for no history; inside already, it asks for the whole state again.
 * @see XEP-0045, Entering a Room, #enter-muc; Managing Discussion History, #enter-managehistory
 */
export function buildJoin(options: {
  readonly from: string;
  readonly roomJid: string;
  readonly nick: string;
  readonly password?: string | undefined;
}): Element {
  return createElement(
    'presence',
    { from: options.from, to: `${bareJid(options.roomJid)}/${options.nick}` },
    createElement(
      'x',
      { xmlns: NS.MUC },
      createElement('history', { maxstanzas: '0' }),
      options.password === undefined ? null : createElement('password', {}, options.password),
    ),
  );
}

interface Occupancy {
  readonly from: string;
  readonly roomJid: string;
  readonly nick: string;
}

/** Says to everybody in a room that we are in it. @see XEP-0045, #changepres */
export function buildPresence({ from, roomJid, nick }: Occupancy): Element {
  return createElement('presence', { from, to: `${bareJid(roomJid)}/${nick}` });
}

/** Leaves a room. @see XEP-0045, Exiting a Room, #exit */
export function buildLeave(occupancy: Occupancy): Element {
  const leave = buildPresence(occupancy);
  leave.attrs['type'] = 'unavailable';
  return leave;
}
