/** Rooms that are made, changed and ended by ejabberd's own administration, while people are in. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { backend } from '../backends/ejabberd-joined/backend.js';
import { type EjabberdServer, startEjabberd } from '../servers/ejabberd.js';
import type { ChatClient } from '../support/chat-client.js';
import { eventually } from '../support/eventually.js';
import { type Stack, startStack } from '../support/stack.js';

/** The pause between two looks at all rooms. */
const LOOKING_MS = 3_000;

let stack: Stack;
let ejabberd: EjabberdServer;
let alice: ChatClient;

beforeAll(async () => {
  stack = await startStack(
    { ...backend, start: async (options) => (ejabberd = await startEjabberd(options)) },
    // What is not told must be missed, and not be found by looking.
    {
      trackerEnvironment: { AUDIT_INTERVAL_MS: '0', DISCOVERY_INTERVAL_MS: String(LOOKING_MS) },
    },
  );
  alice = await stack.connect(0);
}, 60_000);

afterAll(() => stack.stop(), 30_000);

const named = (name: string): object => ({ name, service: stack.server.mucService });

async function createPersistent(name: string, title: string): Promise<void> {
  await ejabberd.administer('create_room_with_opts', {
    ...named(name),
    host: stack.server.domain,
    options: [
      { name: 'persistent', value: 'true' },
      { name: 'title', value: title },
    ],
  });
}

test('a persistent room is listed, its changes too, and people are where they were', async () => {
  await createPersistent('ordered', 'By order');
  const first = await stack.waitForRow('ordered', ({ name }) => name === 'By order');
  expect(first).toMatchObject({ occupants: 0, owners: 0 });
  await alice.join(stack.roomJid('ordered'), 'alice');
  await stack.waitForRow('ordered', ({ occupants }) => occupants === 1);
  await ejabberd.administer('change_room_option', {
    ...named('ordered'),
    option: 'title',
    value: 'By another order',
  });
  await stack.waitForRow('ordered', ({ name }) => name === 'By another order');
  await ejabberd.administer('set_room_affiliation', {
    ...named('ordered'),
    jid: 'absent@example.org',
    affiliation: 'member',
  });
  const changed = await stack.waitForRow('ordered', ({ members }) => members === 1);
  expect(changed).toMatchObject({ name: 'By another order', occupants: 1, owners: 0 });
});

// It puts everybody out twice, the second time with the sign of a service that stops (332).
test('a room that is destroyed with people in it goes at once, and no other', async () => {
  // The second is found by a look, so that the next is some time off.
  for (const roomId of ['doomed', 'spared']) {
    await createPersistent(roomId, roomId);
    await stack.waitForRow(roomId);
    await alice.join(stack.roomJid(roomId), 'alice');
    await stack.waitForRow(roomId, ({ occupants }) => occupants === 1);
  }
  const destroyedAt = performance.now();
  await ejabberd.administer('destroy_room', named('doomed'));
  await stack.waitUntilGone('doomed');
  expect(performance.now() - destroyedAt).toBeLessThan(LOOKING_MS / 2);
  expect(await stack.row('spared')).toMatchObject({ occupants: 1 });
  await alice.join(stack.roomJid('doomed'), 'alice');
  const again = await stack.waitForRow('doomed', ({ occupants }) => occupants === 1);
  expect(again).toMatchObject({ name: 'doomed', owners: 1 });
});

// ejabberd ends it 30 s after it is empty; a tracker that stayed in would keep it for ever.
test('a temporary room that nobody enters is listed, and ends', async () => {
  await ejabberd.administer('create_room', { ...named('brief'), host: stack.server.domain });
  const row = await stack.waitForRow('brief');
  expect(row.occupants).toBe(0);
  expect(row.emptyDate).toBeDefined();
  await eventually(
    async () => (await stack.list()).rooms.some(({ roomId }) => roomId === 'brief'),
    (isListed) => !isListed,
    { timeoutMs: 50_000, what: 'the room to end' },
  );
}, 60_000);
