/**
 * COMPAT(prosody 0.12): the form of an administrator's command names every room, hidden ones too.
 * The command would destroy the rooms chosen in it, so it is always cancelled, never completed.
 * @see XEP-0050, #execute
 */
import { createElement } from 'ltx';
import type { Element } from 'ltx';
import { parseFormOptions } from './data-form.js';
import { NS } from './namespaces.js';

/** The command's node, as disco#items of the service's commands lists it. */
export const ROOM_LISTING_NODE = 'http://prosody.im/protocol/muc#destroy';

/** What the opened command tells. */
export interface RoomListing {
  readonly roomJids: readonly string[];
  /** Needed for cancelling. */
  readonly sessionId: string;
}

export function buildRoomListingRequest(from: string, mucService: string): Element {
  return createElement(
    'iq',
    { type: 'set', from, to: mucService },
    createElement('command', { xmlns: NS.COMMANDS, node: ROOM_LISTING_NODE, action: 'execute' }),
  );
}

export function buildRoomListingCancel(
  from: string,
  mucService: string,
  sessionId: string,
): Element {
  return createElement(
    'iq',
    { type: 'set', from, to: mucService },
    createElement('command', {
      xmlns: NS.COMMANDS,
      node: ROOM_LISTING_NODE,
      action: 'cancel',
      sessionid: sessionId,
    }),
  );
}

/** Reads the opened command; undefined where it shows no list of rooms. */
export function parseRoomListing(reply: Element): RoomListing | undefined {
  const command = reply.getChild('command', NS.COMMANDS);
  const sessionId = command?.attrs['sessionid'];
  if (command === undefined || sessionId === undefined) return undefined;
  const roomJids = parseFormOptions(command, 'rooms');
  return roomJids && { roomJids, sessionId };
}
