/**
 * The composed containers, already up: a real client makes a room, the list shows it. Run by
 * `npm run test:containers`, which tells where everything is.
 */
import { expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { RoomRow } from '@conference/muc';
import { ChatClient } from '../support/chat-client.js';
import { eventually } from '../support/eventually.js';

interface Topology {
  readonly http: string;
  readonly siteId: string;
  readonly apiKey: string;
  readonly c2sPort: number;
}

const topology = JSON.parse(process.env['CONFERENCE_TOPOLOGY'] ?? 'null') as Topology;
const MUC_SERVICE = 'conference.localhost';

async function listRooms(): Promise<RoomRow[]> {
  const { http, siteId, apiKey } = topology;
  const response = await fetch(`${http}/v1/conference.json`, {
    headers: { Authorization: `Basic ${Buffer.from(`${siteId}:${apiKey}`).toString('base64')}` },
  });
  const answer = (await response.json()) as { message: string; data: { rooms?: RoomRow[] } };
  if (answer.data.rooms === undefined) {
    throw new Error(`${response.status} ${answer.message}`);
  }
  return answer.data.rooms;
}

test('a room made by a chat client shows in the list, and goes with its last occupant', async () => {
  const roomId = `tea-${randomUUID()}`;
  const client = await eventually(() =>
    ChatClient.connect({
      host: '127.0.0.1',
      port: topology.c2sPort,
      domain: 'anon.localhost',
    }),
  );
  await client.join(`${roomId}@${MUC_SERVICE}`, 'Guest');
  await client.setSubject(`${roomId}@${MUC_SERVICE}`, 'Containers');
  const rows = await eventually(
    listRooms,
    (rooms) => rooms.some((row) => row.roomId === roomId && row.subject === 'Containers'),
    { timeoutMs: 30_000, what: 'the room in the list' },
  );
  expect(rows.find((row) => row.roomId === roomId)).toMatchObject({
    occupants: 1,
    moderators: 1,
    owners: 1,
  });
  await client.leave(`${roomId}@${MUC_SERVICE}`);
  await eventually(listRooms, (rooms) => rooms.every((row) => row.roomId !== roomId), {
    what: 'the end of the room',
  });
  await client.disconnect();
}, 60_000);
