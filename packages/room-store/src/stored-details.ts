/**
 * How the details of one room are written in Redis, and read back: one hash for both kinds, with
 * short values, for there are as many as rooms. A field is `o` and a nick, its value a letter for
 * the role, one for the affiliation and the real bare JID where it is known; or `a` and a bare JID,
 * its value a letter for the affiliation.
 */
import {
  affiliationOfLetter,
  letterOfAffiliation,
  packOccupant,
  unpackOccupant,
} from '@conference/muc';
import type { Occupant } from '@conference/muc';
import type { Affiliated, RoomDetail } from './room-store.js';

const OCCUPANT = 'o';
const AFFILIATION = 'a';

export function occupantField(nick: string): string {
  return OCCUPANT + nick;
}

export function affiliationField(bareJid: string): string {
  return AFFILIATION + bareJid;
}

export function storedOccupant(occupant: Occupant): [field: string, value: string] {
  return [occupantField(occupant.nick), packOccupant(occupant)];
}

export function storedAffiliation(affiliated: Affiliated): [field: string, value: string] {
  const { bareJid, affiliation } = affiliated;
  return [affiliationField(bareJid), letterOfAffiliation(affiliation)];
}

/** @param fields of the hash of one room, with their values */
export function decodeDetails(fields: Readonly<Record<string, string>>): Omit<RoomDetail, 'row'> {
  const occupants: Occupant[] = [];
  const affiliations: Affiliated[] = [];
  for (const [field, value] of Object.entries(fields)) {
    const name = field.slice(1);
    if (field.startsWith(OCCUPANT)) {
      occupants.push(unpackOccupant(name, value));
      continue;
    }
    const affiliation = affiliationOfLetter(value);
    if (affiliation !== undefined) affiliations.push({ bareJid: name, affiliation });
  }
  return { occupants, affiliations };
}
