/**
 * The link dies and the server does not know, so that for it the old connection still holds the
 * component. Prosody refuses a new one; ejabberd lets it in and divides all stanzas between the two.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { onEachBackend } from '../backends/all-backends.js';
import type { ChatClient } from '../support/chat-client.js';
import { eventually } from '../support/eventually.js';
import { readUnreadyReasons } from '../support/readiness.js';
import { comparable, readRoomTruth } from '../support/room-truth.js';
import type { Stack } from '../support/stack.js';
import { startStackWithPeople } from '../support/stack-with-people.js';

const ROOMS = 12;

onEachBackend((backend) => {
  let stack: Stack;
  let alice: ChatClient;
  let bob: ChatClient;

  beforeAll(async () => {
    ({ stack, alice, bob } = await startStackWithPeople(backend));
  }, 60_000);

  afterAll(() => stack.stop(), 30_000);

  test('a connection that shares the component is given up', async () => {
    const roomIds = Array.from({ length: ROOMS }, (_, index) => `shared-${index}`);
    for (const roomId of roomIds) {
      await alice.join(stack.roomJid(roomId), 'alice');
      await stack.waitForRow(roomId);
    }
    stack.link.orphan();
    await eventually(
      () => readUnreadyReasons(stack),
      (reasons) => reasons.some(({ message }) => message.includes('(conflict)')),
      { what: 'the conflict to be the reason' },
    );
    for (const roomId of roomIds) await bob.join(stack.roomJid(roomId), 'bob');
    const { rooms, staleSince } = await stack.list();
    expect(staleSince).toBeDefined();
    expect(rooms.map(({ occupants }) => occupants)).toEqual(roomIds.map(() => 1));

    stack.link.bury();
    await stack.waitUntilLive();
    for (const roomId of roomIds) {
      const row = await stack.row(roomId);
      expect(row && comparable(row)).toEqual(
        await readRoomTruth([alice], stack.roomJid(roomId), stack.server),
      );
    }
  }, 60_000);
});
