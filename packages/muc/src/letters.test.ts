import { expect, test } from '@jest/globals';
import { LISTED_AFFILIATIONS } from './affiliation.js';
import { affiliationOfLetter, letterOfAffiliation, letterOfRole, roleOfLetter } from './letters.js';
import { PRESENT_ROLES } from './role.js';

test('every role and every affiliation has one letter of its own, and is read back from it', () => {
  for (const role of PRESENT_ROLES) {
    expect(letterOfRole(role)).toHaveLength(1);
    expect(roleOfLetter(letterOfRole(role))).toBe(role);
  }
  for (const affiliation of [...LISTED_AFFILIATIONS, 'none'] as const) {
    expect(letterOfAffiliation(affiliation)).toHaveLength(1);
    expect(affiliationOfLetter(letterOfAffiliation(affiliation))).toBe(affiliation);
  }
});

test('a letter that nobody wrote does no harm', () => {
  expect(roleOfLetter('?')).toBe('participant');
  expect(affiliationOfLetter('')).toBe('none');
});
