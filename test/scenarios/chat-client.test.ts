/** The chat client of the tests against a real Prosody: every later scenario stands on it. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type ProsodyServer, startProsody } from '../servers/prosody.js';
import { ChatClient, StanzaFailure } from '../support/chat-client.js';
import { eventually, withDeadline } from '../support/eventually.js';

let prosody: ProsodyServer;
let clients: ChatClient[] = [];

beforeAll(async () => {
  prosody = await startProsody();
}, 30_000);

afterAll(() => prosody?.stop());

afterEach(async () => {
  await Promise.all(clients.map((client) => client.disconnect()));
  clients = [];
});

/** An account's client by its place among the accounts, or an anonymous one. */
async function connect(account?: number): Promise<ChatClient> {
  const client = await ChatClient.connect({
    host: prosody.host,
    port: prosody.ports.c2s,
    domain: account === undefined ? prosody.anonymousDomain : prosody.domain,
    ...(account === undefined ? {} : { account: prosody.accounts[account]! }),
  });
  clients.push(client);
  return client;
}

function newRoom(): string {
  return `room-${randomUUID()}@${prosody.mucService}`;
}

async function bobInAlicesRoom(): Promise<{ alice: ChatClient; bob: ChatClient; room: string }> {
  const [alice, bob] = await Promise.all([connect(0), connect(1)]);
  const room = newRoom();
  await alice.join(room, 'Alice');
  await bob.join(room, 'Bob');
  return { alice, bob, room };
}

test('the first to join owns the room, the next one takes part', async () => {
  const alice = await connect(0);
  const room = newRoom();
  expect(await alice.join(room, 'Alice')).toMatchObject({
    nick: 'Alice',
    role: 'moderator',
    affiliation: 'owner',
    statusCodes: expect.arrayContaining(['110', '201']),
  });
  const stranger = await connect();
  expect(await stranger.join(room, 'Ümläut')).toMatchObject({
    nick: 'Ümläut',
    role: 'participant',
    affiliation: 'none',
  });
  expect(await alice.readRoles(room, 'participant')).toEqual([
    expect.objectContaining({ nick: 'Ümläut', jid: stranger.jid }),
  ]);
});

test('the WebSocket speaks XMPP (RFC 7395)', async () => {
  const request = get(`http://${prosody.host}:${prosody.ports.websocket}/xmpp-websocket`, {
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      Origin: 'http://localhost:8000',
      'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Protocol': 'xmpp',
    },
  });
  const [response, socket] = (await withDeadline(
    once(request, 'upgrade'),
    'the WebSocket upgrade',
  )) as [IncomingMessage, Socket];
  socket.destroy();
  expect(response.statusCode).toBe(101);
  expect(response.headers['sec-websocket-protocol']).toBe('xmpp');
});

test('a wrong password is refused', async () => {
  await expect(
    ChatClient.connect({
      host: prosody.host,
      port: prosody.ports.c2s,
      domain: prosody.domain,
      account: { jid: prosody.accounts[0]!.jid, password: 'wrong' },
    }),
  ).rejects.toThrow('not-authorized');
});

test('a connection that breaks while the stream is opened fails the login, and nothing else', async () => {
  const server = createServer((socket) => {
    socket.once('data', () => socket.resetAndDestroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const login = ChatClient.connect({ host: '127.0.0.1', port, domain: 'localhost' });
  await expect(login).rejects.toThrow('ECONNRESET');
  server.close();
});

test('subject and messages reach the others', async () => {
  const { alice, bob, room } = await bobInAlicesRoom();
  const heard = bob.session.waitFor(
    (stanza) => stanza.getChildText('subject') === 'Tea & <cake>',
    'the subject',
  );
  await alice.setSubject(room, 'Tea & <cake>');
  await heard;
  await bob.say(room, 'hello');
});

test('the configuration is written and read', async () => {
  const { alice, bob, room } = await bobInAlicesRoom();
  await alice.configure(room, {
    'muc#roomconfig_roomname': 'Tea room',
    'muc#roomconfig_persistentroom': '1',
    'muc#roomconfig_publicroom': '1',
  });
  expect((await alice.readConfiguration(room)).get('muc#roomconfig_roomname')).toEqual([
    'Tea room',
  ]);
  const info = await bob.discoInfo(room);
  expect(info.features).toEqual(expect.arrayContaining(['muc_persistent', 'muc_public']));
  expect(info.fields.get('muc#roominfo_occupants')).toEqual(['2']);
  expect(await bob.discoItems(prosody.mucService)).toContain(room);
  await expect(bob.configure(room, { 'muc#roomconfig_roomname': 'No' })).rejects.toMatchObject({
    condition: 'forbidden',
  });
  await alice.destroy(room);
});

test('a nick change keeps the occupant', async () => {
  const { alice, bob, room } = await bobInAlicesRoom();
  const seen = alice.waitForPresence(room, 'Robert');
  expect(await bob.changeNick(room, 'Robert')).toMatchObject({ nick: 'Robert' });
  expect(await seen).toMatchObject({ role: 'participant' });
  await expect(bob.changeNick(room, 'Alice')).rejects.toBeInstanceOf(StanzaFailure);
});

describe('moderation', () => {
  test('roles of the present', async () => {
    const { alice, bob, room } = await bobInAlicesRoom();
    const demoted = bob.waitForPresence(room, 'Bob');
    await alice.setRole(room, 'Bob', 'visitor');
    expect(await demoted).toMatchObject({ role: 'visitor' });
    expect(await alice.readRoles(room, 'visitor')).toEqual([
      expect.objectContaining({ nick: 'Bob' }),
    ]);
  });

  test('affiliations of the absent', async () => {
    const { alice, room } = await bobInAlicesRoom();
    await alice.setAffiliation(room, 'carol@localhost', 'member');
    await alice.setAffiliation(room, 'dave@localhost', 'admin');
    expect(await alice.readAffiliations(room, 'member')).toEqual(['carol@localhost']);
    expect(await alice.readAffiliations(room, 'admin')).toEqual(['dave@localhost']);
    await alice.setAffiliation(room, 'carol@localhost', 'none');
    expect(await alice.readAffiliations(room, 'member')).toEqual([]);
  });

  test('a kick ends the visit, a ban forbids the next one', async () => {
    const { alice, bob, room } = await bobInAlicesRoom();
    const kicked = bob.waitForPresence(room, 'Bob', 'unavailable');
    await alice.setRole(room, 'Bob', 'none');
    expect((await kicked).statusCodes).toContain('307');
    await bob.join(room, 'Bob');
    const banned = bob.waitForPresence(room, 'Bob', 'unavailable');
    await alice.setAffiliation(room, 'bob@localhost', 'outcast');
    expect((await banned).statusCodes).toContain('301');
    await expect(bob.join(room, 'Bob')).rejects.toMatchObject({ condition: 'forbidden' });
  });
});

test('leaving, and a connection that breaks, both end the visit', async () => {
  const { alice, bob, room } = await bobInAlicesRoom();
  const left = alice.waitForPresence(room, 'Bob', 'unavailable');
  await bob.leave(room);
  expect(await left).toMatchObject({ role: 'none' });
  await bob.join(room, 'Bob');
  const lost = alice.waitForPresence(room, 'Bob', 'unavailable');
  bob.abort();
  expect(await lost).toMatchObject({ role: 'none' });
});

test('a destroyed room is gone for everybody', async () => {
  const { alice, bob, room } = await bobInAlicesRoom();
  const thrownOut = bob.waitForPresence(room, 'Bob', 'unavailable');
  await alice.destroy(room);
  await thrownOut;
  await expect(alice.discoInfo(room)).rejects.toMatchObject({ condition: 'item-not-found' });
});

test('a suspended server answers late, a restarted one keeps persistent rooms', async () => {
  const own = await startProsody();
  try {
    const login = {
      host: own.host,
      port: own.ports.c2s,
      domain: own.domain,
      account: own.accounts[0]!,
    };
    const alice = await ChatClient.connect(login);
    const room = `kept@${own.mucService}`;
    await alice.join(room, 'Alice');
    await alice.configure(room, { 'muc#roomconfig_persistentroom': '1' });
    own.suspend();
    const answer = alice.discoInfo(room);
    own.resume();
    await answer;
    await own.restart();
    const again = await eventually(() => ChatClient.connect(login));
    expect((await again.discoInfo(room)).features).toContain('muc_persistent');
    await own.kill();
    await expect(again.discoInfo(room)).rejects.toThrow();
  } finally {
    await own.stop();
  }
}, 30_000);
