/** What must hold when the traffic of a soak has come to rest. */
import { expect } from '@jest/globals';
import { Redis } from 'ioredis';
import type { ChatClient } from '../support/chat-client.js';
import { eventually } from '../support/eventually.js';
import { comparable, readRoomTruth } from '../support/room-truth.js';
import { expectInvariants } from '../support/row-invariants.js';
import type { Stack } from '../support/stack.js';

const TRUTH_TIMEOUT_MS = 60_000;
/** Its group is the roomId. */
const DETAIL_KEY = /\}:details:(.*)$/su;
/** meta, rooms, changes, report, waiting, lease, trackers. */
const KEYS_OF_A_SERVICE = 7;

/** Every room that there ever was is listed as the server says, or gone from both. */
export async function expectTrueList(
  stack: Stack,
  judge: ChatClient,
  roomIds: readonly string[],
): Promise<void> {
  await eventually(
    async () => {
      const { rooms, staleSince } = await stack.list();
      const all = new Set([...roomIds, ...rooms.map(({ roomId }) => roomId)]);
      const truths = [];
      for (const roomId of all) {
        const truth = await readRoomTruth([judge], stack.roomJid(roomId), stack.server);
        if (truth !== undefined) truths.push([roomId, truth] as const);
      }
      expect(staleSince).toBeUndefined();
      expect(new Map(rooms.map((row) => [row.roomId, comparable(row)]))).toEqual(new Map(truths));
      for (const row of rooms) expectInvariants(row);
      return true;
    },
    Boolean,
    { timeoutMs: TRUTH_TIMEOUT_MS, what: 'the list to be the truth' },
  );
}

/** Redis holds nothing of rooms that are not listed. */
export async function expectNothingLeft(stack: Stack): Promise<void> {
  const redis = new Redis(stack.redis.url);
  try {
    const { rooms } = await stack.list();
    const listed = new Set(rooms.map(({ roomId }) => roomId));
    const keys = await redis.keys('*');
    const roomIds = keys.flatMap((key) => DETAIL_KEY.exec(key)?.[1] ?? []);
    expect(roomIds.filter((roomId) => !listed.has(roomId))).toEqual([]);
    expect(keys.length - roomIds.length).toBeLessThanOrEqual(KEYS_OF_A_SERVICE);
  } finally {
    redis.disconnect();
  }
}
