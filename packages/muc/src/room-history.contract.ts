/** Any events of a room, for what must hold whatever happens. */
import fc from 'fast-check';
import { LISTED_AFFILIATIONS } from './affiliation.js';
import type { Occupant } from './occupant.js';
import { PRESENT_ROLES } from './role.js';
import type { Room } from './room.js';
import type { RoomEvent } from './room-event.js';

const AFFILIATIONS = [...LISTED_AFFILIATIONS, 'none'] as const;
/** Few names, so that events meet; odd ones, so that a name is never taken for anything else. */
const NICKS = [
  'Alice',
  'alice',
  '__proto__',
  'constructor',
  'Σίσυφος 日本',
  '👩‍👩‍👧',
  'n'.repeat(1023),
];
const JIDS = [
  'alice@localhost',
  'bob@localhost',
  '__proto__',
  'toString',
  'ü@例え.jp',
  'spam.example',
];

const nick = fc.constantFrom(...NICKS);
export const jid = fc.constantFrom(...JIDS);
export const occupant: fc.Arbitrary<Occupant> = fc.record(
  {
    nick,
    role: fc.constantFrom(...PRESENT_ROLES),
    affiliation: fc.constantFrom(...AFFILIATIONS),
    bareJid: jid,
  },
  { requiredKeys: ['nick', 'role', 'affiliation'] },
);
export const event: fc.Arbitrary<RoomEvent> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('occupant-present'), occupant }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('occupant-left'), nick }) },
  fc.record({ kind: fc.constant('nick-changed'), nick, newNick: nick }),
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('affiliation-set'),
      bareJid: jid,
      affiliation: fc.constantFrom(...AFFILIATIONS),
    }),
  },
  fc.record({ kind: fc.constant('subject-set'), subject: fc.string({ unit: 'binary' }) }),
  fc.constant<RoomEvent>({ kind: 'configuration-changed' }),
  fc.record({
    kind: fc.constant('configuration-read'),
    configuration: fc.record(
      {
        name: fc.string(),
        description: fc.string(),
        maxUsers: fc.nat(),
        isPersistent: fc.boolean(),
        isMaxUsersTold: fc.boolean(),
        hiddenRoles: fc.uniqueArray(fc.constantFrom(...PRESENT_ROLES)),
      },
      { requiredKeys: ['name', 'description', 'maxUsers', 'isPersistent'] },
    ),
  }),
  fc.record({
    kind: fc.constant('occupants-confirmed'),
    nicks: fc.uniqueArray(nick).map((nicks) => new Set(nicks)),
  }),
  fc.record({
    kind: fc.constant('affiliation-listed'),
    affiliation: fc.constantFrom(...LISTED_AFFILIATIONS),
    bareJids: fc.array(jid),
  }),
);
/** Events, each at its own time: the clock may stand still or run backwards. */
export const history = fc.array(fc.tuple(event, fc.nat({ max: 1_000_000 })), { maxLength: 60 });

export const CREATED_MS = 500_000;

/** Everything there is to know of a room. */
export function stateOf(room: Room): unknown {
  return {
    row: room.toRow(),
    configuration: room.configuration,
    dates: [room.creationMs, room.isCreationTold, room.modificationMs, room.emptyMs],
    occupants: new Map(room.occupants),
    affiliations: new Map(room.affiliations),
  };
}
