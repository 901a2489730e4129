/**
 * A process that says when it saw something, and does nothing else meanwhile. Times are those of
 * the machine's monotonic clock, in ms, the same for every process.
 *
 * As `occupant` it is in the room, and tells of each occupant that comes. As `list` it asks for the
 * list over one kept-alive connection, one question right behind the other, until the room's row has
 * the values that it is told to wait for; null where the room is to be gone.
 */
import { Agent, get } from 'node:http';
import { openChatClient } from './chat-client.mjs';
import { nowMs } from './clock.mjs';

const [role, optionsText] = process.argv.slice(2);
const options = JSON.parse(optionsText);

if (role === 'occupant') {
  await watchRoom();
} else {
  watchList();
}
process.send({ kind: 'ready' });

async function watchRoom() {
  const chat = await openChatClient({
    port: options.port,
    domain: options.domain,
    onPresence: (occupantJid, type) => {
      const atMs = nowMs();
      if (type === undefined) process.send({ kind: 'present', occupantJid, atMs });
    },
  });
  await chat.join(options.occupantJid);
}

function watchList() {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = { authorization: options.authorization };
  process.on('message', async ({ roomId, row }) => {
    const pollMs = [];
    let etag = '';
    for (;;) {
      const askedMs = nowMs();
      const { status, body, newEtag } = await fetchList(agent, {
        ...headers,
        'if-none-match': etag,
      });
      const atMs = nowMs();
      pollMs.push(atMs - askedMs);
      if (pollMs.length === 1) process.send({ kind: 'watching' });
      if (status === 200) {
        etag = newEtag;
        const { rooms } = JSON.parse(body).data;
        if (
          isAsExpected(
            rooms.find((room) => room.roomId === roomId),
            row,
          )
        ) {
          process.send({ kind: 'listed', atMs, pollMs });
          return;
        }
      }
    }
  });
}

function isAsExpected(listed, expected) {
  return expected === null || listed === undefined
    ? expected === null && listed === undefined
    : Object.entries(expected).every(([key, value]) => listed[key] === value);
}

function fetchList(agent, headers) {
  return new Promise((resolve, reject) => {
    get(options.url, { agent, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => (body += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode, body, newEtag: response.headers.etag }),
      );
    }).on('error', reject);
  });
}
