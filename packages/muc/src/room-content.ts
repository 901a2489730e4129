/**
 * What is known of a room, in two forms: one to work with, and one to rest in, a single text that
 * takes a third of the memory. Pure: what is packed and unpacked is as it was.
 */
import type { ListedAffiliation } from './affiliation.js';
import {
  affiliationOfLetter,
  letterOfAffiliation,
  letterOfRole,
  packOccupant,
  roleOfLetter,
  unpackOccupant,
} from './letters.js';
import type { Occupant } from './occupant.js';
import type { PresentRole } from './role.js';
import { UNKNOWN_CONFIGURATION } from './room-configuration.js';
import type { RoomConfiguration } from './room-configuration.js';

/** All that a Room holds but its name, to work with. */
export interface RoomContent {
  configuration: RoomConfiguration;
  subject: string;
  creationMs: number;
  isCreationTold: boolean;
  modificationMs: number;
  emptyMs: number | undefined;
  /** By nick. */
  readonly occupants: Map<string, Occupant>;
  /** By bare JID. */
  readonly affiliations: Map<string, ListedAffiliation>;
  readonly roleCounts: Record<PresentRole, number>;
  readonly affiliationCounts: Record<ListedAffiliation, number>;
  touchedNicks: Set<string>;
  touchedBareJids: Set<string>;
}

/** Of an empty room that was created at this moment. */
export function emptyContent(nowMs: number): RoomContent {
  return {
    configuration: UNKNOWN_CONFIGURATION,
    subject: '',
    creationMs: nowMs,
    isCreationTold: false,
    modificationMs: nowMs,
    emptyMs: nowMs,
    occupants: new Map(),
    affiliations: new Map(),
    roleCounts: { moderator: 0, participant: 0, visitor: 0 },
    affiliationCounts: { owner: 0, admin: 0, member: 0, outcast: 0 },
    touchedNicks: new Set(),
    touchedBareJids: new Set(),
  };
}

type PackedConfiguration = [
  name: string,
  description: string,
  maxUsers: number,
  isPersistent: 0 | 1,
  isMaxUsersTold: 0 | 1 | null,
  hiddenRoles: string | null,
];
type PackedContent = [
  configuration: PackedConfiguration,
  subject: string,
  creationMs: number,
  isCreationTold: 0 | 1,
  modificationMs: number,
  emptyMs: number | null,
  /** Nick and packed occupant by turns. */
  occupants: string[],
  /** Bare JID and letter by turns. */
  affiliations: string[],
  touchedNicks: string[],
  touchedBareJids: string[],
];

/** The content as one text of its own, that points into no other. */
export function packContent(content: RoomContent): string {
  const occupants: string[] = [];
  for (const [nick, occupant] of content.occupants) occupants.push(nick, packOccupant(occupant));
  const affiliations: string[] = [];
  for (const [bareJid, affiliation] of content.affiliations) {
    affiliations.push(bareJid, letterOfAffiliation(affiliation));
  }
  const packed: PackedContent = [
    packConfiguration(content.configuration),
    content.subject,
    content.creationMs,
    toBit(content.isCreationTold),
    content.modificationMs,
    content.emptyMs ?? null,
    occupants,
    affiliations,
    [...content.touchedNicks],
    [...content.touchedBareJids],
  ];
  // V8 leaves JSON in pieces; lone surrogates are escaped in it, so that the copy loses nothing.
  return Buffer.from(JSON.stringify(packed), 'utf8').toString('utf8');
}

/** @param text as `packContent` made it */
export function unpackContent(text: string): RoomContent {
  const [
    configuration,
    subject,
    creationMs,
    isCreationTold,
    modificationMs,
    emptyMs,
    occupants,
    affiliations,
    touchedNicks,
    touchedBareJids,
  ] = JSON.parse(text) as PackedContent;
  const content: RoomContent = {
    ...emptyContent(creationMs),
    configuration: unpackConfiguration(configuration),
    subject,
    isCreationTold: isCreationTold === 1,
    modificationMs,
    emptyMs: emptyMs ?? undefined,
    touchedNicks: new Set(touchedNicks),
    touchedBareJids: new Set(touchedBareJids),
  };
  for (const [nick, packed] of pairsOf(occupants)) {
    const occupant = unpackOccupant(nick, packed);
    content.occupants.set(nick, occupant);
    content.roleCounts[occupant.role] += 1;
  }
  for (const [bareJid, letter] of pairsOf(affiliations)) {
    const affiliation = affiliationOfLetter(letter);
    if (affiliation === undefined) continue;
    content.affiliations.set(bareJid, affiliation);
    content.affiliationCounts[affiliation] += 1;
  }
  return content;
}

function packConfiguration(configuration: RoomConfiguration): PackedConfiguration {
  const { name, description, maxUsers, isPersistent, isMaxUsersTold, hiddenRoles } = configuration;
  return [
    name,
    description,
    maxUsers,
    toBit(isPersistent),
    isMaxUsersTold === undefined ? null : toBit(isMaxUsersTold),
    hiddenRoles === undefined ? null : hiddenRoles.map(letterOfRole).join(''),
  ];
}

function unpackConfiguration(packed: PackedConfiguration): RoomConfiguration {
  const [name, description, maxUsers, isPersistent, isMaxUsersTold, hiddenRoles] = packed;
  return {
    name,
    description,
    maxUsers,
    isPersistent: isPersistent === 1,
    ...(isMaxUsersTold === null ? {} : { isMaxUsersTold: isMaxUsersTold === 1 }),
    ...(hiddenRoles === null ? {} : { hiddenRoles: [...hiddenRoles].map(roleOfLetter) }),
  };
}

function toBit(is: boolean): 0 | 1 {
  return is ? 1 : 0;
}

function* pairsOf(flat: readonly string[]): Generator<[string, string]> {
  for (let index = 0; index + 1 < flat.length; index += 2) {
    yield [flat[index] ?? '', flat[index + 1] ?? ''];
  }
}
