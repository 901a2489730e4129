/** Rows, occupants and ids that the contract is tried with. */
import { ROOM_ROW_KEYS } from '@conference/muc';
import type { FieldSources, Occupant, RoomRow, ServiceCapabilities } from '@conference/muc';
import type { PutRoom, RemoveRoom, DetailChange } from '../room-store.js';

/** A row whose counts agree with each other. */
export function sampleRow(roomId: string, occupants = 0, changes: Partial<RoomRow> = {}): RoomRow {
  return {
    roomId,
    name: `Room ${roomId}`,
    admins: 0,
    creationDate: '2026-01-02T03:04:05.678Z',
    description: roomId,
    maxUsers: 0,
    members: 2,
    moderators: Math.min(1, occupants),
    modificationDate: '2026-01-02T03:04:05.678Z',
    occupants,
    outcasts: 0,
    owners: 1,
    participants: Math.max(0, occupants - 1),
    subject: '',
    ...(occupants === 0 ? { emptyDate: '2026-02-03T04:05:06.789Z' } : {}),
    ...changes,
  };
}

export function put(roomId: string, occupants = 0, details?: DetailChange): PutRoom {
  return {
    kind: 'put',
    row: sampleRow(roomId, occupants),
    ...(details === undefined ? {} : { details }),
  };
}

export function remove(roomId: string): RemoveRoom {
  return { kind: 'remove', roomId };
}

export function sampleOccupant(nick: string, changes: Partial<Occupant> = {}): Occupant {
  return { nick, role: 'participant', affiliation: 'none', bareJid: 'a@localhost', ...changes };
}

/** What a writer may know of its MUC service; without a version, not the software either. */
export function sampleCapabilities(version: string | undefined): ServiceCapabilities {
  return {
    ...(version === undefined ? {} : { software: { name: 'Prosody', version } }),
    following: version === undefined ? 'joined' : 'fed',
    fields: Object.fromEntries(ROOM_ROW_KEYS.map((key) => [key, 'server'])) as FieldSources,
  };
}

/** Names that trip stores which build keys or objects out of them. */
export const AWKWARD_NAMES: readonly string[] = [
  '__proto__',
  'constructor',
  'toString',
  'a:b',
  '{a}',
  '}{',
  'r|site.a',
  'd\\27artagnan\\20\\40x',
  'räksmörgås',
  'комната',
  '部屋🙂',
  'e\u0301',
  '*',
  '0',
  ' ',
  'x'.repeat(1_023),
  '部'.repeat(341),
];
