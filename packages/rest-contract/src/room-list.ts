/** The documented answer of `GET /v1/conference.json`: its schema, and how its bytes are put together. */
import { ROOM_ROW_KEYS, type RoomRow } from '@conference/muc';
import { z } from 'zod';
import { buildSuccess, successEnvelopeSchema } from './envelope.js';

const count = z.int().min(0);
const instant = z.iso.datetime({ precision: 3, offset: false });

/** One room of the list; see `RoomRow` for the invariants between the keys. */
export const roomRowSchema = z
  .strictObject({
    roomId: z.string().min(1).describe("Localpart of the room's JID, as the server normalised it."),
    name: z.string().describe('Configured title; without one, the roomId.'),
    admins: count.describe('Bare JIDs on the admin list, present or not.'),
    creationDate: instant.describe('When the room was created, or first seen.'),
    description: z.string().describe('Configured description; without one, the roomId.'),
    maxUsers: count.describe('0 = no limit.'),
    members: count.describe('Bare JIDs on the member list, present or not.'),
    moderators: count.describe('Present occupants whose role is moderator.'),
    modificationDate: instant.describe('Last configuration change; creationDate until then.'),
    occupants: count.describe('Present occupants of every role, one for each nick.'),
    outcasts: count.describe('Bare JIDs on the ban list.'),
    owners: count.describe('Bare JIDs on the owner list, present or not.'),
    participants: count.describe('Present occupants whose role is participant.'),
    subject: z.string().describe('Current subject; "" without one.'),
    emptyDate: instant
      .optional()
      .describe('Since when nobody is in the room; only on empty rooms.'),
  })
  .refine((row) => (row.emptyDate !== undefined) === (row.occupants === 0), {
    message: 'emptyDate is present if and only if occupants is 0',
  })
  .refine((row) => row.occupants >= row.moderators + row.participants, {
    message: 'occupants is at least moderators + participants',
  })
  .refine((row) => row.modificationDate >= row.creationDate, {
    message: 'modificationDate is not before creationDate',
  })
  .meta({ id: 'Room' });

/** The whole answer. */
export const roomListAnswerSchema = successEnvelopeSchema(
  z.strictObject({
    rooms: z.array(roomRowSchema).describe('By roomId in code unit order, then by MUC service.'),
  }),
).meta({ id: 'RoomList' });

export type RoomListAnswer = z.infer<typeof roomListAnswerSchema>;

const ROW_KEYS: string[] = [...ROOM_ROW_KEYS];

/** One row as JSON text: exactly the documented keys in the documented order. */
export function serialiseRoomRow(row: RoomRow): string {
  return JSON.stringify(row, ROW_KEYS);
}

const EMPTY_LIST = JSON.stringify(buildSuccess({ rooms: [] }));
const ROWS_AT = EMPTY_LIST.lastIndexOf(']');

/** What stands before, between and after the rows of the whole answer, as JSON text. */
export const ROOM_LIST_FRAME = {
  head: EMPTY_LIST.slice(0, ROWS_AT),
  separator: ',',
  tail: EMPTY_LIST.slice(ROWS_AT),
} as const;

/** The whole answer as JSON text, from rows that are JSON text already, in the order given. */
export function joinRoomList(rowTexts: readonly string[]): string {
  const { head, separator, tail } = ROOM_LIST_FRAME;
  return head + rowTexts.join(separator) + tail;
}
