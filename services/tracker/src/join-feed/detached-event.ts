/**
 * Cuts what a room keeps loose from the text of the stream it came in. V8 makes a part of a string
 * by pointing into the whole, so that a nick of twenty letters keeps 64 KiB of stream in memory for
 * as long as its bearer stays.
 */
import type { RoomEvent } from '@conference/muc';

/** V8 copies shorter parts anyway. */
const SHORTEST_PART = 13;

/** The same text in memory of its own. */
export function detachText(text: string): string {
  if (text.length < SHORTEST_PART) return text;
  const copy = Buffer.from(text, 'utf8').toString('utf8');
  // A lone surrogate does not survive the copy.
  return copy === text ? copy : text;
}

/** The same event with all its texts in memory of their own. */
export function detachEvent(event: RoomEvent): RoomEvent {
  switch (event.kind) {
    case 'occupant-present': {
      const { nick, bareJid } = event.occupant;
      return {
        kind: event.kind,
        occupant: {
          ...event.occupant,
          nick: detachText(nick),
          ...(bareJid === undefined ? {} : { bareJid: detachText(bareJid) }),
        },
      };
    }
    case 'nick-changed':
      return { ...event, newNick: detachText(event.newNick) };
    case 'affiliation-set':
      return { ...event, bareJid: detachText(event.bareJid) };
    case 'affiliation-listed':
      return { ...event, bareJids: event.bareJids.map(detachText) };
    case 'subject-set':
      return { ...event, subject: detachText(event.subject) };
    case 'configuration-read': {
      const { configuration } = event;
      return {
        kind: event.kind,
        configuration: {
          ...configuration,
          name: detachText(configuration.name),
          description: detachText(configuration.description),
        },
      };
    }
    case 'occupant-left':
    case 'occupants-confirmed':
    case 'configuration-changed':
      return event;
  }
}
