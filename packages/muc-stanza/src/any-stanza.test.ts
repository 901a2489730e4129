/** Whatever a server or an occupant sends: reading it never throws and never invents. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createElement, parse } from 'ltx';
import type { Element } from 'ltx';
import {
  buildJoin,
  NS,
  parseAffiliationList,
  parseConfigurationForm,
  parseDiscoInfo,
  parseDiscoItems,
  parseErrorCondition,
  parseRoomListing,
  parseRoomMessage,
  parseRoomPresence,
} from './index.js';

const TAGS =
  'x item status destroy error gone text query command set last count field value option subject body thread history'.split(
    ' ',
  );
const text = fc.string({ unit: 'grapheme', maxLength: 6 });
const attributes = fc.dictionary(
  fc.constantFrom('jid', 'nick', 'role', 'affiliation', 'code', 'var', 'type', 'node', 'sessionid'),
  fc.oneof(
    text,
    fc.constantFrom('a@b/c', '/', '@', 'owner', 'none', 'moderator', '110', '104', '303', 'rooms'),
    fc.constantFrom('muc#roomconfig_maxusers', 'muc#roominfo_occupants', '__proto__'),
  ),
  { maxKeys: 4 },
);
const { element } = fc.letrec<{ element: Element }>((tie) => ({
  element: fc
    .tuple(
      fc.constantFrom(...TAGS),
      attributes,
      fc.option(fc.constantFrom(...Object.values(NS)), { nil: undefined }),
      fc.array(fc.oneof({ maxDepth: 4 }, text, tie('element')), { maxLength: 4 }),
    )
    .map(([name, given, xmlns, children]) =>
      createElement(name, xmlns === undefined ? given : { ...given, xmlns }, ...children),
    ),
}));
const stanza = fc
  .tuple(
    fc.constantFrom('presence', 'message', 'iq'),
    fc.constantFrom(undefined, 'unavailable', 'error', 'groupchat', 'result', 'x'),
    fc.oneof(text, fc.constantFrom(undefined, 'r@c', 'r@c/n', 'c', 'r@c/', '/n', '@')),
    fc.array(element, { maxLength: 5 }),
  )
  .map(([name, type, from, children]) => createElement(name, { type, from }, ...children));

const READERS: Readonly<Record<string, (stanza: Element) => unknown>> = {
  parseRoomPresence,
  parseRoomMessage,
  parseErrorCondition,
  parseDiscoInfo,
  parseDiscoItems,
  parseConfigurationForm,
  parseRoomListing,
  parseAffiliationList: (answer) => parseAffiliationList(answer, 'member'),
};

describe.each(Object.entries(READERS))('%s', (_name, read) => {
  test('reads anything, and the same once more', () => {
    fc.assert(
      fc.property(stanza, (sent) => {
        expect(read(sent)).toEqual(read(sent));
      }),
      { numRuns: 300 },
    );
  });
});

test('a message of an occupant tells a subject or nothing', () => {
  fc.assert(
    fc.property(stanza, (sent) => {
      sent.attrs['from'] = 'room@conference.localhost/Mallory';
      const kind = parseRoomMessage(sent)?.kind;
      expect([undefined, 'subject']).toContain(kind);
    }),
    { numRuns: 300 },
  );
});

test('a join survives the wire, whatever nick and password contain', () => {
  fc.assert(
    fc.property(text, text, (nick, password) => {
      const join = buildJoin({ from: 't/c', roomJid: 'room@c', nick, password });
      const arrived = parse(join.toString());
      expect(arrived.attrs['to']).toBe(`room@c/${nick}`);
      expect(arrived.getChild('x', NS.MUC)?.getChildText('password')).toBe(password);
    }),
  );
});
