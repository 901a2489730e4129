/**
 * Several sessions of one user under one nick are one occupant, also where a server tells little of
 * who of them, or who else, has left. Nothing is audited here: what is told must be enough.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { onEachBackend } from '../backends/all-backends.js';
import type { ChatClient } from '../support/chat-client.js';
import { RoomScenario } from '../support/room-scenario.js';
import type { Stack } from '../support/stack.js';
import { startStackWithPeople } from '../support/stack-with-people.js';

onEachBackend((backend) => {
  let stack: Stack;
  let scenario: RoomScenario;
  let alice: ChatClient;
  let bob: ChatClient;
  let secondBob: ChatClient;
  let carol: ChatClient;

  beforeAll(async () => {
    ({ stack, alice, bob } = await startStackWithPeople(backend, {
      trackerEnvironment: { AUDIT_INTERVAL_MS: '0' },
    }));
    secondBob = await stack.connect(1, 'second');
    carol = await stack.connect();
    scenario = new RoomScenario(stack, alice, backend.quirks);
  }, 60_000);

  afterAll(() => stack.stop(), 30_000);

  /** A room with its owner, one nick of two sessions, and somebody else. */
  async function makeRoom(roomId: string): Promise<string> {
    const roomJid = await scenario.makeRoom(roomId);
    await bob.join(roomJid, 'bob');
    await secondBob.join(roomJid, 'bob');
    await carol.join(roomJid, 'carol');
    await expectParticipants(roomId, 2);
    return roomJid;
  }

  const expectParticipants = (roomId: string, participants: number) =>
    scenario.expectRow(roomId, {
      ...scenario.newRow(roomId),
      participants,
      occupants: 1 + participants,
      subject: expect.anything(),
    });

  async function restartTracker(): Promise<void> {
    await stack.tracker.stop();
    stack.tracker.start();
    await stack.waitUntilStale();
    await stack.waitUntilLive();
  }

  test('somebody else leaves, by the address that they share', async () => {
    const roomJid = await makeRoom('address');
    await carol.leave(roomJid, 'bob');
    await expectParticipants('address', 1);
  });

  test('as before, where they shared it before we came', async () => {
    const roomJid = await makeRoom('before');
    await restartTracker();
    await carol.leave(roomJid, 'bob');
    await expectParticipants('before', 1);
  });

  test('one of them leaves, by an address that nobody has', async () => {
    const roomJid = await makeRoom('nobody');
    await secondBob.leave(roomJid, 'nobody');
    await alice.setSubject(roomJid, 'behind it');
    await stack.waitForRow('nobody', ({ subject }) => subject === 'behind it');
    await expectParticipants('nobody', 2);
  });

  test('as before, where they shared the nick before we came', async () => {
    const roomJid = await makeRoom('both');
    await restartTracker();
    await secondBob.leave(roomJid, 'nobody');
    await alice.setSubject(roomJid, 'behind it');
    const { participants } = await stack.waitForRow('both', ({ subject }) => subject !== '');
    expect(participants).toBe(2);
    await expectParticipants('both', 2);
  });

  /** A room with its owner, and one nick of a moderator's and a participant's session. */
  async function makeMixedRoom(roomId: string): Promise<string> {
    const roomJid = await scenario.makeRoom(roomId);
    await bob.join(roomJid, 'bob');
    await secondBob.join(roomJid, 'bobby');
    await alice.setRole(roomJid, 'bob', 'moderator');
    await secondBob.changeNick(roomJid, 'bob');
    await stack.waitForRow(roomId, ({ occupants }) => occupants === 2);
    return roomJid;
  }

  test('sessions with different roles are one occupant, in a role that one of them has', async () => {
    const roomJid = await makeMixedRoom('roles');
    await alice.setSubject(roomJid, 'behind it');
    const row = await stack.waitForRow('roles', ({ subject }) => subject === 'behind it');
    expect(row.occupants).toBe(2);
    expect(row.moderators + row.participants).toBe(2);
    // Whoever of the two remains, its role is the occupant's.
    await secondBob.leave(roomJid);
    await scenario.expectRow('roles', {
      ...scenario.newRow('roles'),
      occupants: 2,
      moderators: 2,
      subject: 'behind it',
    });
  });

  test('one of them leaves, by an address that nobody has, and the other has another role', async () => {
    const roomJid = await makeMixedRoom('other');
    await secondBob.leave(roomJid, 'nobody');
    await alice.setSubject(roomJid, 'behind it');
    await stack.waitForRow('other', ({ subject }) => subject === 'behind it');
    expect(await scenario.expectTruth('other')).toMatchObject({ occupants: 2 });
  });

  test('as before, where those two shared the nick before we came', async () => {
    const roomJid = await makeMixedRoom('earlier');
    await restartTracker();
    await secondBob.leave(roomJid, 'nobody');
    await alice.setSubject(roomJid, 'behind it');
    await stack.waitForRow('earlier', ({ subject }) => subject !== '');
    expect(await scenario.expectTruth('earlier')).toMatchObject({ occupants: 2 });
  });
});
