/** Two trackers: one follows the service, and the other takes over when it dies, hangs or stops. */
import { afterEach, expect, jest, test } from '@jest/globals';
import { createRedisRoomStore } from '@conference/room-store';
import type { RoomStore } from '@conference/room-store';
import { createSilentLogger } from '@conference/service-runtime';
import { onEachBackend } from '../backends/all-backends.js';
import type { ChatClient } from '../support/chat-client.js';
import { eventually } from '../support/eventually.js';
import { readHolder, untilFollowedBy } from '../support/lease-view.js';
import type { ServiceProcess } from '../support/service-process.js';
import { startStack, type Stack } from '../support/stack.js';

jest.setTimeout(120_000);

onEachBackend((backend) => {
  let stack: Stack;
  let store: RoomStore;
  let alice: ChatClient;

  async function begin(): Promise<ServiceProcess> {
    stack = await startStack(backend, { standbyTrackers: 1, mucAdmins: ['alice'] });
    store = createRedisRoomStore({
      redisUrl: stack.redis.url,
      keyPrefix: 'conference',
      mucService: stack.server.mucService,
      logger: createSilentLogger(),
    });
    alice = await stack.connect(0);
    await alice.join(stack.roomJid('tea'), 'Alice');
    await stack.waitForRow('tea', ({ occupants }) => occupants === 1);
    const [standby] = stack.standbys;
    if (standby === undefined) throw new Error('the server has no component for a second tracker');
    standby.start();
    await eventually(
      () => standby.log.includes('standing by: another tracker follows the service'),
      Boolean,
      { what: 'the second tracker to stand by' },
    );
    return standby;
  }

  afterEach(async () => {
    await store.close();
    await stack.stop();
  });

  /** A change is seen, with the counts that the server's people know. */
  async function expectFollowing(occupants: number): Promise<void> {
    await stack.waitUntilLive();
    await stack.waitForRow('tea', (row) => row.occupants === occupants);
  }

  /** Nobody is in it, whether or not a tracker keeps it. */
  async function untilEmptyOrGone(roomId: string): Promise<void> {
    await eventually(
      () => stack.row(roomId),
      (row) => row === undefined || row.occupants === 0,
      { what: `${roomId} to be empty` },
    );
  }

  test('the second takes over from one that is killed, and keeps the dates', async () => {
    await begin();
    const before = await stack.row('tea');
    await stack.tracker.kill();
    await untilFollowedBy(store, 'tracker2.localhost');
    await expectFollowing(1);
    expect((await stack.row('tea'))?.creationDate).toBe(before?.creationDate);
    const bob = await stack.connect(1);
    await bob.join(stack.roomJid('tea'), 'Bob');
    await expectFollowing(2);
    // The first one comes back and stands by.
    stack.tracker.start();
    await eventually(() => stack.tracker.log.includes('accepted the component'));
    await bob.leave(stack.roomJid('tea'));
    await expectFollowing(1);
    expect(await readHolder(store)).toBe('tracker2.localhost');
  });

  test('one that hung and wakes writes nothing, counts nothing, and stands by', async () => {
    await begin();
    stack.tracker.suspend();
    await untilFollowedBy(store, 'tracker2.localhost');
    await expectFollowing(1);
    await alice.join(stack.roomJid('pot'), 'Alice');
    await stack.waitForRow('pot', ({ occupants }) => occupants === 1);
    // Temporary, and nobody but a tracker that hangs is left in it: ejabberd lets nobody put it out.
    await alice.leave(stack.roomJid('tea'));
    await untilEmptyOrGone('tea');
    const { cursor } = await store.readSnapshot();
    stack.tracker.resume();
    await eventually(() => stack.tracker.log.includes('following the service no longer'));
    await stack.waitUntilGone('tea');
    await alice.leave(stack.roomJid('pot'));
    await stack.waitUntilGone('pot');
    expect(await readHolder(store)).toBe('tracker2.localhost');
    expect((await store.readSnapshot()).cursor.incarnation).toBe(cursor.incarnation);
  });

  test('one that hung and then died leaves no room behind', async () => {
    await begin();
    stack.tracker.suspend();
    await untilFollowedBy(store, 'tracker2.localhost');
    await expectFollowing(1);
    await alice.leave(stack.roomJid('tea'));
    await untilEmptyOrGone('tea');
    await stack.tracker.kill();
    await stack.waitUntilGone('tea');
  });

  test('one that stops hands over at once', async () => {
    await begin();
    const stopped = stack.tracker.stop();
    await untilFollowedBy(store, 'tracker2.localhost');
    expect(await stopped).toBe(0);
    await expectFollowing(1);
  });
});
