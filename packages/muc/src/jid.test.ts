import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bareJid, domainOf, localpartOf, normaliseJidPart, resourceOf, roomJid } from './jid.js';

const part = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => !/[@/]/.test(text));
const resource = fc.string({ minLength: 1, unit: 'grapheme' });

describe('the parts of a JID', () => {
  test('are found again, whatever the resource contains', () => {
    fc.assert(
      fc.property(part, part, resource, (local, domain, nick) => {
        const jid = `${local}@${domain}/${nick}`;
        expect(localpartOf(jid)).toBe(local);
        expect(domainOf(jid)).toBe(domain);
        expect(resourceOf(jid)).toBe(nick);
        expect(bareJid(jid)).toBe(roomJid(local, domain));
      }),
    );
  });

  test.each([
    ['conference.localhost', undefined, 'conference.localhost', undefined],
    ['tracker.localhost/conference', undefined, 'tracker.localhost', 'conference'],
    ['a@b', 'a', 'b', undefined],
    ['a@b/', 'a', 'b', ''],
    ['b/x@y/z', undefined, 'b', 'x@y/z'],
    ['odd\\20name|site@b/n', 'odd\\20name|site', 'b', 'n'],
  ])('of %s', (jid, local, domain, nick) => {
    expect([localpartOf(jid), domainOf(jid), resourceOf(jid)]).toEqual([local, domain, nick]);
  });
});

describe('normalising', () => {
  test.each([
    ['R1|siteA', 'r1|sitea'],
    ['Straße', 'strasse'],
    ['ΣΊΣΥΦΟΣ', 'σίσυφοσ'],
    ['σίσυφος', 'σίσυφοσ'],
    ['ﬁn', 'fin'],
    ['Cafe\u0301', 'café'],
    ['Ｗｉｄｅ', 'wide'],
    ['so\u00ADft\uFEFF', 'soft'],
    ['STRAẞE', 'strasse'],
    ['ıI', 'ıi'],
    ['İ', 'i\u0307'],
    ['ŉ', 'ʼn'],
  ])('%s becomes %s', (part, normalised) => {
    expect(normaliseJidPart(part)).toBe(normalised);
  });

  test('twice is the same as once', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const once = normaliseJidPart(text);
        expect(normaliseJidPart(once)).toBe(once);
      }),
      { numRuns: 2_000 },
    );
  });
});
