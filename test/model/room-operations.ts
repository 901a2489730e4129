/** Random things that people do in rooms, as raw stanzas that nobody waits for. */
import * as fc from 'fast-check';
import type { Element } from 'ltx';
import { xml } from '../support/client-session.js';

/** Who does something, where, and what. Clients and rooms are indices. */
export interface Operation {
  readonly client: number;
  readonly room: number;
  readonly act: Act;
}

export type Act =
  | { readonly kind: 'join' | 'nick'; readonly nick: string }
  | { readonly kind: 'leave' | 'destroy' | 'reconnect' | 'away' }
  | { readonly kind: 'subject' | 'say'; readonly text: string }
  | { readonly kind: 'affiliation'; readonly target: number; readonly affiliation: string }
  | { readonly kind: 'role'; readonly nick: string; readonly role: string }
  | { readonly kind: 'configure'; readonly field: string; readonly value: string };

const NICKS = ['anna', 'bert', 'Çelik', 'dämon', '\u{1f600}', '__proto__'];
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  'muc#roomconfig_roomname': ['', 'A room', '<&"\'>', 'Ünïcode \u{1f600}'],
  'muc#roomconfig_roomdesc': ['', 'What it is for'],
  'muc#roomconfig_persistentroom': ['0', '1'],
  'muc#roomconfig_publicroom': ['0', '1'],
  'muc#roomconfig_moderatedroom': ['0', '1'],
  'muc#roomconfig_membersonly': ['0', '1'],
  'muc#roomconfig_whois': ['anyone', 'moderators'],
  'muc#roomconfig_roomsecret': ['', 'sesame'],
  // One role is shown, the others are hidden.
  'muc#roomconfig_presencebroadcast': ['moderator', 'participant'],
};

/** Operations in the mix in which they happen; some are refused, as in life. */
export function operations(
  clients: number,
  rooms: number,
  jids: number,
): fc.Arbitrary<Operation[]> {
  const nick = fc.constantFrom(...NICKS);
  const act: fc.Arbitrary<Act> = fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('join' as const), nick }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('nick' as const), nick }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('leave' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('destroy' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('reconnect' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('away' as const) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constantFrom('subject' as const, 'say' as const),
        text: fc.constantFrom('', 'hello', 'a <b> & c', '\u{1f600}'),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('affiliation' as const),
        target: fc.nat(jids - 1),
        affiliation: fc.constantFrom('owner', 'admin', 'member', 'outcast', 'none'),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('role' as const),
        nick,
        role: fc.constantFrom('moderator', 'participant', 'visitor', 'none'),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.constantFrom(...Object.entries(FIELDS)).chain(([field, values]) =>
        fc.record({
          kind: fc.constant('configure' as const),
          field: fc.constant(field),
          value: fc.constantFrom(...values),
        }),
      ),
    },
  );
  const anybody = fc.nat(clients - 1);
  // The first client comes first into most rooms and so owns them: let it use its rights.
  const mostlyTheOwner = fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: anybody },
  );
  const operation = act.chain((chosen) =>
    fc.record({
      client: NEEDS_RIGHTS.has(chosen.kind) ? mostlyTheOwner : anybody,
      room: fc.nat(rooms - 1),
      act: fc.constant(chosen),
    }),
  );
  return fc
    .array(operation, { minLength: 120, maxLength: 120 })
    .map((chosen) => [...ownersFirst(rooms), ...chosen]);
}

const NEEDS_RIGHTS: ReadonlySet<string> = new Set(['destroy', 'affiliation', 'role', 'configure']);

function ownersFirst(rooms: number): Operation[] {
  return Array.from({ length: rooms }, (_, room) => ({
    client: 0,
    room,
    act: { kind: 'join', nick: 'root' },
  }));
}

/** The stanza of an act; undefined where it is no stanza. */
export function stanzaOf(
  act: Act,
  roomJid: string,
  jids: readonly string[],
  sequence: number,
): Element | undefined {
  const iq = (namespace: string, ...children: Element[]): Element =>
    xml(
      'iq',
      { type: 'set', to: roomJid, id: `model-${sequence}` },
      xml('query', { xmlns: namespace }, ...children),
    );
  const MUC = 'http://jabber.org/protocol/muc';
  switch (act.kind) {
    case 'join':
      return xml(
        'presence',
        { to: `${roomJid}/${act.nick}` },
        xml('x', { xmlns: MUC }, xml('password', {}, 'sesame')),
      );
    case 'nick':
      return xml('presence', { to: `${roomJid}/${act.nick}` });
    case 'away':
      return xml('presence', { to: `${roomJid}/anna` }, xml('show', {}, 'away'));
    case 'leave':
      return xml('presence', { to: `${roomJid}/anna`, type: 'unavailable' });
    case 'destroy':
      return iq(`${MUC}#owner`, xml('destroy', {}));
    case 'subject':
      return xml('message', { to: roomJid, type: 'groupchat' }, xml('subject', {}, act.text));
    case 'say':
      return xml('message', { to: roomJid, type: 'groupchat' }, xml('body', {}, act.text));
    case 'affiliation':
      return iq(
        `${MUC}#admin`,
        xml('item', { jid: jids[act.target], affiliation: act.affiliation }),
      );
    case 'role':
      return iq(`${MUC}#admin`, xml('item', { nick: act.nick, role: act.role }));
    case 'configure':
      return iq(
        `${MUC}#owner`,
        xml(
          'x',
          { xmlns: 'jabber:x:data', type: 'submit' },
          field('FORM_TYPE', `${MUC}#roomconfig`),
          field(act.field, act.value),
        ),
      );
    case 'reconnect':
      return undefined;
  }
}

function field(name: string, value: string): Element {
  return xml('field', { var: name }, xml('value', {}, value));
}
