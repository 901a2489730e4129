/** Whether Redis holds what the list says, to the last occupant. */
import { expect } from '@jest/globals';
import type { RoomRow } from '@conference/muc';
import { createRedisRoomStore, type RoomDetail } from '@conference/room-store';
import { eventually } from '../support/eventually.js';
import type { Stack } from '../support/stack.js';

/** Rows, occupants and affiliations of all rooms are there, and no others. */
export async function expectWrittenWhole(
  { redis, server }: Stack,
  rows: ReadonlyMap<string, RoomRow>,
): Promise<void> {
  const store = createRedisRoomStore({
    redisUrl: redis.url,
    keyPrefix: 'conference',
    mucService: server.mucService,
  });
  try {
    const { rows: stored } = await eventually(
      () => store.readSnapshot(),
      (snapshot) => {
        expect(snapshot.picture.state).toBe('live');
        expect(new Map(snapshot.rows.map((row) => [row.roomId, row]))).toEqual(rows);
        return true;
      },
      { what: 'everything to be in Redis' },
    );
    for (const row of stored) {
      const room = await store.readRoom(row.roomId);
      expect(room && countDetails(room)).toEqual(rowCounts(row));
    }
  } finally {
    await store.close();
  }
}

type Counts = Pick<
  RoomRow,
  | 'roomId'
  | 'occupants'
  | 'moderators'
  | 'participants'
  | 'owners'
  | 'admins'
  | 'members'
  | 'outcasts'
>;

function countDetails({ row, occupants, affiliations }: RoomDetail): Counts {
  const inRole = (role: string): number => occupants.filter((each) => each.role === role).length;
  const affiliated = (affiliation: string): number =>
    affiliations.filter((each) => each.affiliation === affiliation).length;
  return {
    roomId: row.roomId,
    occupants: occupants.length,
    moderators: inRole('moderator'),
    participants: inRole('participant'),
    owners: affiliated('owner'),
    admins: affiliated('admin'),
    members: affiliated('member'),
    outcasts: affiliated('outcast'),
  };
}

function rowCounts(row: RoomRow): Counts {
  const { roomId, occupants, moderators, participants, owners, admins, members, outcasts } = row;
  return { roomId, occupants, moderators, participants, owners, admins, members, outcasts };
}
