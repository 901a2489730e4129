/** The server's own word for all rooms, asked by somebody who takes no part, and lists against it. */
import { expect } from '@jest/globals';
import type { RoomRow } from '@conference/muc';
import type { ChatClient } from '../support/chat-client.js';
import { comparable, readRoomTruth, type RoomTruth } from '../support/room-truth.js';
import type { Stack } from '../support/stack.js';
import type { SeenList } from './list-watch.js';

/** By roomId; rooms that are not there are not in it. */
export type Truths = ReadonlyMap<string, RoomTruth>;

export class Judge {
  #client: ChatClient | undefined;

  /** @param connect logs an owner of every room in */
  constructor(
    private readonly stack: Stack,
    private readonly connect: () => Promise<ChatClient>,
  ) {}

  /**
   * What the server says of these rooms. Fails as ChatClient, and may be asked again then.
   * @param listed rows of a list, by roomId; which of several truths is told hangs on them
   */
  async readTruths(
    roomIds: Iterable<string>,
    listed: ReadonlyMap<string, RoomRow> | undefined,
  ): Promise<Truths> {
    if (this.#client?.session.isOnline !== true) this.#client = await this.connect();
    const askers = [this.#client];
    const { stack } = this;
    const truths = await Promise.all(
      [...roomIds].map((roomId) =>
        readRoomTruth(askers, stack.roomJid(roomId), stack.server, listed?.get(roomId)),
      ),
    );
    return new Map(
      truths.filter((truth) => truth !== undefined).map((truth) => [truth.roomId, truth]),
    );
  }
}

/** Fails where an answer is no live list that is the truth, and says in what. */
export function expectTrue(answer: SeenList, truths: Truths): void {
  expect({ status: answer.status, staleSince: answer.staleSince }).toEqual({
    status: 200,
    staleSince: null,
  });
  expect(new Map([...answer.rows].map(([roomId, row]) => [roomId, comparable(row)]))).toEqual(
    truths,
  );
}

/** As `expectTrue`. */
export function isTrue({ status, staleSince, rows }: SeenList, truths: Truths): boolean {
  return (
    status === 200 &&
    staleSince === null &&
    rows.size === truths.size &&
    [...rows].every(([roomId, row]) => isSame(row, truths.get(roomId)))
  );
}

function isSame(row: RoomRow, truth: RoomTruth | undefined): boolean {
  const listed = comparable(row);
  return (
    truth !== undefined &&
    (Object.keys(listed) as (keyof RoomTruth)[]).every((key) => listed[key] === truth[key])
  );
}
