/** What is known of a room held against what the server says of it. */
import type { Room, RoomConfiguration, RoomEvent } from '@conference/muc';
import type { RoomPart } from '../room-feed.js';

/** What a difference is about. */
export type DifferenceKind = 'room' | 'configuration' | 'subject' | 'occupant' | 'affiliation';

/** All kinds, for those who count. */
export const DIFFERENCE_KINDS: readonly DifferenceKind[] = [
  'room',
  'configuration',
  'subject',
  'occupant',
  'affiliation',
];

/** One thing of a room that is not what the server says. */
export interface Difference {
  readonly kind: DifferenceKind;
  /** The nick of an occupant, the bare JID of an affiliation; `""` elsewhere. */
  readonly key: string;
  readonly known: string;
  readonly told: string;
}

/**
 * In what the room differs from a part that the server has just told. The affiliation that an
 * occupant is shown with is not judged: it follows from lists that are, and from what no list has.
 */
export function* compareRoomPart(room: Room, part: RoomPart): Generator<Difference> {
  switch (part.kind) {
    case 'absent':
      yield { kind: 'room', key: '', known: 'there', told: 'none' };
      break;
    case 'configuration':
      yield* compareText('configuration', configured(room.configuration), configured(part));
      break;
    case 'subject':
      yield* compareText('subject', room.subject, part.subject);
      break;
    case 'role':
      yield* compareRole(room, part);
      break;
    case 'affiliation':
      yield* compareAffiliation(room, part);
      break;
  }
}

function* compareText(
  kind: 'configuration' | 'subject',
  known: string,
  told: string,
): Generator<Difference> {
  if (known !== told) yield { kind, key: '', known, told };
}

function configured(of: RoomConfiguration | { readonly configuration: RoomConfiguration }): string {
  const { name, description, maxUsers, isPersistent } =
    'configuration' in of ? of.configuration : of;
  return JSON.stringify({ name, description, maxUsers, isPersistent });
}

function* compareRole(
  room: Room,
  { role, occupants }: Extract<RoomPart, { kind: 'role' }>,
): Generator<Difference> {
  const nicks = new Set<string>();
  for (const { nick, bareJid } of occupants) {
    nicks.add(nick);
    const known = room.occupants.get(nick);
    const isSamePerson =
      known?.bareJid === bareJid || [known?.bareJid, bareJid].includes(undefined);
    if (known?.role === role && isSamePerson) continue;
    yield {
      kind: 'occupant',
      key: nick,
      known: known?.role ?? 'none',
      told: isSamePerson ? role : `${role}, somebody else`,
    };
  }
  for (const known of room.occupants.values()) {
    if (known.role === role && !nicks.has(known.nick)) {
      yield { kind: 'occupant', key: known.nick, known: role, told: 'none' };
    }
  }
}

function* compareAffiliation(
  room: Room,
  { affiliation, bareJids }: Extract<RoomPart, { kind: 'affiliation' }>,
): Generator<Difference> {
  const listed = new Set(bareJids);
  for (const key of listed) {
    const known = room.affiliations.get(key) ?? 'none';
    if (known !== affiliation) yield { kind: 'affiliation', key, known, told: affiliation };
  }
  for (const [key, known] of room.affiliations) {
    if (known === affiliation && !listed.has(key)) {
      yield { kind: 'affiliation', key, known, told: 'none' };
    }
  }
}

/** Whether an event tells anew of what the difference is about, so that it proves nothing any more. */
export function isTouched({ kind, key }: Difference, event: RoomEvent): boolean {
  switch (event.kind) {
    case 'occupant-present':
      return kind === 'occupant' && key === event.occupant.nick;
    case 'occupant-left':
      return kind === 'occupant' && key === event.nick;
    case 'nick-changed':
      return kind === 'occupant' && (key === event.nick || key === event.newNick);
    case 'occupants-confirmed':
      return kind === 'occupant';
    case 'affiliation-set':
      return kind === 'affiliation' && key === event.bareJid;
    case 'affiliation-listed':
      return kind === 'affiliation';
    case 'subject-set':
      return kind === 'subject';
    case 'configuration-changed':
    case 'configuration-read':
      return kind === 'configuration';
  }
}
