/** A cold start in front of a thousand rooms finds every one of them, on every backend. */
import { expect, test } from '@jest/globals';
import { onEachBackend } from '../backends/all-backends.js';
import type { ChatClient } from '../support/chat-client.js';
import { xml } from '../support/client-session.js';
import { eventually } from '../support/eventually.js';
import { type Stack, startStack } from '../support/stack.js';

/** COMPAT(ejabberd 23.01): nobody but an administrator may be in more rooms than 100. */
const ROOMS_PER_CLIENT = 100;
const CLIENTS = 10;
const HIDDEN_PER_CLIENT = 10;

onEachBackend((backend) => {
  test('a thousand rooms, hidden ones among them, are found whole', async () => {
    const stack = await startStack(backend);
    try {
      await stack.tracker.stop();
      await stack.waitUntilStale();
      const clients = await Promise.all(Array.from({ length: CLIENTS }, () => stack.connect()));
      const roomIds = await Promise.all(
        clients.map((client, index) => makeRooms(stack, client, `c${index}`)),
      );
      stack.tracker.start();
      await stack.waitUntilLive();
      const { rooms } = await stack.list();
      expect(rooms.map(({ roomId }) => roomId)).toEqual(roomIds.flat().sort());
      expect(rooms.filter((row) => row.occupants !== 1 || row.owners !== 1)).toEqual([]);
    } finally {
      // An orderly end would take a thousand rooms down one by one.
      await stack.server.kill();
      await stack.stop();
    }
  }, 180_000);
});

/** The names of the rooms that the client is now the only one in. */
async function makeRooms(stack: Stack, client: ChatClient, prefix: string): Promise<string[]> {
  const roomIds = Array.from({ length: ROOMS_PER_CLIENT }, (_, index) => `${prefix}-${index}`);
  for (const roomId of roomIds) {
    const join = xml('x', { xmlns: 'http://jabber.org/protocol/muc' });
    await client.session.send(xml('presence', { to: `${stack.roomJid(roomId)}/maker` }, join));
  }
  await eventually(
    () => client.session.received.filter(isSelfPresence).length,
    (count) => count === roomIds.length,
    { timeoutMs: 60_000, what: `${roomIds.length} rooms of ${prefix}` },
  );
  for (const roomId of roomIds.slice(0, HIDDEN_PER_CLIENT)) {
    await client.configure(stack.roomJid(roomId), { 'muc#roomconfig_publicroom': '0' });
  }
  return roomIds;
}

function isSelfPresence(stanza: ReturnType<typeof xml>): boolean {
  const statuses = stanza
    .getChild('x', 'http://jabber.org/protocol/muc#user')
    ?.getChildren('status');
  return (
    stanza.name === 'presence' && statuses?.some(({ attrs }) => attrs['code'] === '110') === true
  );
}
