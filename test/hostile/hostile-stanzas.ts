/** Stanzas that no server should send, and that stay well-formed XML all the same. */
import * as fc from 'fast-check';
import { SERVICES, TARGET } from './hostile-rig.js';

/** Who says it: anybody but the witnesses and the service's own word. */
const SENDERS = [
  TARGET,
  `${TARGET}/anna`,
  `${TARGET}/conference-tracker`,
  `tea|sitea@conference.localhost.evil.example/anna`,
  `tea|sitea@evil.example/anna`,
  `tea|siteb@rooms.localhost/anna`,
  `tea|sitea|siteb@${SERVICES[0]}/anna`,
  `tea|sitea@${SERVICES[0]}@${SERVICES[1]}/anna`,
  `mallory@localhost/tea|sitea@${SERVICES[0]}`,
  `@${SERVICES[0]}/anna`,
  `@`,
  `/anna`,
  '',
  SERVICES[0],
  `${SERVICES[0]}/anna`,
  `constructor@${SERVICES[0]}/__proto__`,
  `\u202eaetis|aet@${SERVICES[0]}/\u{1f600}`,
  `x`.repeat(1_023) + `@${SERVICES[0]}/${'y'.repeat(1_023)}`,
];

/** Texts as they stand in XML: escapes, references and sections included. */
const TEXTS = [
  '',
  'tea',
  '\u202e\u2066right to left\u2069',
  '&amp;lt;x/&amp;gt;',
  '<![CDATA[</x></presence><presence from="tea|sitea@conference.localhost/forged"/>]]>',
  '<!-- </presence> -->',
  '&#x10FFFF;&#xFFFD;',
  '\ufffe\uffff\u{1fffe}',
  '\u0000\u0008',
  '\ud83d',
  'e\u0301\u0301\u0301'.repeat(50),
  '\u00e9\u{1f468}\u200d\u{1f469}\u200d\u{1f467}',
  'x'.repeat(400 * 1024),
];

const NAMESPACES = [
  'http://jabber.org/protocol/muc#user',
  'http://jabber.org/protocol/muc#USER',
  'http://jabber.org/protocol/muc',
  'urn:xmpp:conference-feed:1',
  'jabber:component:accept',
  'http://etherx.jabber.org/streams',
  '',
];

const NAMES =
  'x item status destroy error subject body batch room o a query delay stream:error x:y'.split(' ');

const ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  jid: ['tracker.localhost/conference', 'anna@localhost', '', '@', '/', 'a@b@c/d/e'],
  nick: ['anna', '', '__proto__', '\u202e', 'conference-tracker'],
  role: ['moderator', 'participant', 'none', 'king', ''],
  affiliation: ['owner', 'outcast', 'none', 'emperor', 'constructor'],
  code: ['110', '104', '303', '201', '332', '-1', '1e9', 'NaN', '\u0661\u0661\u0660'],
  id: ['tea|sitea', '', '__proto__'],
  number: ['1', '9007199254740993', '-0', 'x'],
  life: ['one', ''],
  gone: ['1'],
  part: ['first', 'next', 'last'],
};

const attribute = fc
  .constantFrom(...Object.entries(ATTRIBUTES))
  .chain(([name, values]) => fc.constantFrom(...values).map((value) => ` ${name}='${value}'`));

const { element } = fc.letrec<{ element: string }>((tie) => ({
  element: fc
    .tuple(
      fc.constantFrom(...NAMES),
      fc.constantFrom(undefined, ...NAMESPACES),
      fc.array(attribute, { maxLength: 4 }),
      fc.array(
        fc.oneof(
          { maxDepth: 5 },
          { weight: 2, arbitrary: fc.constantFrom(...TEXTS.slice(0, -1)) },
          { weight: 3, arbitrary: tie('element') },
        ),
        { maxLength: 4 },
      ),
    )
    .map(([name, xmlns, attributes, children]) => {
      const declared = xmlns === undefined ? '' : ` xmlns='${xmlns}'`;
      // An attribute given twice stays twice: a server that does so is no XML parser's friend.
      return `<${name}${declared}${attributes.join('')}>${children.join('')}</${name}>`;
    }),
}));

const payload = fc.oneof(
  { weight: 20, arbitrary: element },
  { weight: 1, arbitrary: fc.constant(`<subject>${TEXTS.at(-1)}</subject>`) },
  {
    weight: 1,
    arbitrary: fc.constant(`${'<x>'.repeat(200)}${'</x>'.repeat(200)}`),
  },
);

/** One stanza as it stands on the wire. */
export const hostileStanza: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('presence', 'message', 'iq', 'Presence', 'stream:features', 'handshake', 'foo'),
    fc.constantFrom(undefined, 'unavailable', 'error', 'groupchat', 'result', 'set', 'subscribe'),
    fc.constantFrom(undefined, ...SENDERS),
    fc.constantFrom(undefined, 'tracker.localhost/conference', 'elsewhere.example', ''),
    fc.array(payload, { maxLength: 4 }),
  )
  .map(([name, type, from, to, children]) => {
    const given = Object.entries({ type, from, to, id: 'hostile' }).flatMap(([key, value]) =>
      value === undefined ? [] : [` ${key}='${value}'`],
    );
    return `<${name}${given.join('')}>${children.join('')}</${name}>`;
  });
