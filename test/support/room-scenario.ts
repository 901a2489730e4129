/** The steps that scenarios are made of: make a room, expect a row, ask the server itself. */
import { expect } from '@jest/globals';
import type { RoomRow } from '@conference/muc';
import type { Quirks } from '../backends/backend.js';
import type { ChatClient } from './chat-client.js';
import { eventually } from './eventually.js';
import { comparable, readRoomTruth } from './room-truth.js';
import type { Stack } from './stack.js';

/** Any instant as it is served. */
export const ANY_DATE: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

/** A row in which a value may be a matcher of Jest. */
export type ExpectedRow = Record<keyof Omit<RoomRow, 'emptyDate'>, unknown> & {
  readonly emptyDate?: unknown;
};

export class RoomScenario {
  /** @param owner makes the rooms, and asks the server. */
  constructor(
    private readonly stack: Stack,
    private readonly owner: ChatClient,
    private readonly quirks: Quirks,
  ) {}

  /** A row as it is when somebody has just made a temporary room. */
  newRow(roomId: string): ExpectedRow {
    return {
      roomId,
      name: roomId,
      admins: 0,
      creationDate: ANY_DATE,
      description: roomId,
      maxUsers: this.quirks.defaultMaxUsers,
      members: 0,
      moderators: 1,
      modificationDate: ANY_DATE,
      occupants: 1,
      outcasts: 0,
      owners: 1,
      participants: 0,
      subject: '',
    };
  }

  /** Waits until the row is the expected one, and holds it against the server's own word. */
  async expectRow(roomId: string, expected: ExpectedRow): Promise<RoomRow> {
    const row = await this.stack.waitForRow(roomId, (seen) => {
      try {
        expect(seen).toEqual(expected);
        return true;
      } catch {
        return false;
      }
    });
    const roomJid = this.stack.roomJid(roomId);
    const truth = await readRoomTruth([this.owner], roomJid, this.stack.server);
    expect(comparable(row)).toEqual(truth);
    return row;
  }

  /** Waits until the row is what the server says of the room. */
  expectTruth(roomId: string): Promise<RoomRow> {
    return eventually(
      async () => {
        const row = await this.stack.waitForRow(roomId);
        const roomJid = this.stack.roomJid(roomId);
        const truth = await readRoomTruth([this.owner], roomJid, this.stack.server, row);
        expect(comparable(row)).toEqual(truth);
        return row;
      },
      () => true,
      { what: `the row of ${roomId} to be the truth` },
    );
  }

  /** A room of its own for a test, made by the owner. */
  async makeRoom(roomId: string): Promise<string> {
    const roomJid = this.stack.roomJid(roomId);
    await this.owner.join(roomJid, 'alice');
    await this.expectRow(roomId, this.newRow(roomId));
    return roomJid;
  }
}
