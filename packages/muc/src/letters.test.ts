import { expect, test } from '@jest/globals';
import { LISTED_AFFILIATIONS } from './affiliation.js';
import {
  affiliationOfLetter,
  letterOfAffiliation,
  letterOfRole,
  packOccupant,
  roleOfLetter,
  unpackOccupant,
} from './letters.js';
import { PRESENT_ROLES } from './role.js';

test('every role and every listed affiliation is read back from its one letter', () => {
  for (const role of PRESENT_ROLES) {
    expect(letterOfRole(role)).toHaveLength(1);
    expect(roleOfLetter(letterOfRole(role))).toBe(role);
  }
  for (const affiliation of LISTED_AFFILIATIONS) {
    expect(letterOfAffiliation(affiliation)).toHaveLength(1);
    expect(affiliationOfLetter(letterOfAffiliation(affiliation))).toBe(affiliation);
  }
});

test('an occupant is read back as it was, with a bare JID or without', () => {
  for (const role of PRESENT_ROLES) {
    for (const affiliation of [...LISTED_AFFILIATIONS, 'none'] as const) {
      const hidden = { nick: 'm', role, affiliation };
      const shown = { ...hidden, bareJid: 'nn@localhost' };
      expect(unpackOccupant('m', packOccupant(hidden))).toEqual(hidden);
      expect(unpackOccupant('m', packOccupant(shown))).toEqual(shown);
    }
  }
});

test('a letter that nobody wrote does no harm', () => {
  expect(roleOfLetter('?')).toBe('participant');
  expect(affiliationOfLetter('')).toBeUndefined();
});
