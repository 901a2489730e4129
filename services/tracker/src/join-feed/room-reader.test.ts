import { beforeEach, describe, expect, test } from '@jest/globals';
import { ConferenceError } from '@conference/muc';
import type { Element } from 'ltx';
import pLimit from 'p-limit';
import { JoinedRoomRig, OWN_JID, OWN_NICK } from '../../../../test/support/joined-room-rig.js';
import { ScriptedConnection, stanzaError } from '../../../../test/support/scripted-connection.js';
import type { ScriptedAnswer } from '../../../../test/support/scripted-connection.js';
import { JoinAnswers } from './join-answers.js';
import { probe, readRoom } from './room-reader.js';
import type { ReadResult } from './room-reader.js';
import { RoomRequests } from '../room-requests.js';

const INFO = 'http://jabber.org/protocol/disco#info';
const ADMIN = 'http://jabber.org/protocol/muc#admin';
const OWNER = 'http://jabber.org/protocol/muc#owner';
const USER = 'http://jabber.org/protocol/muc#user';
const MUC = 'http://jabber.org/protocol/muc';

let connection: ScriptedConnection;
let requests: RoomRequests;
let rig: JoinedRoomRig;
let answers: JoinAnswers;
/** What the room answers to each kind of question, and to a join under a nick. */
let info: ScriptedAnswer;
let list: (affiliation: string) => ScriptedAnswer;
let form: ScriptedAnswer;
let entry: (nick: string) => readonly string[];

beforeEach(() => {
  connection = new ScriptedConnection();
  const limit = pLimit(32);
  requests = new RoomRequests({
    connection,
    mucService: 'conference.localhost',
    ownJid: OWN_JID,
    trackerDomains: new Set(['tracker.localhost']),
    timeoutMs: 50,
    limit,
  });
  rig = new JoinedRoomRig();
  answers = new JoinAnswers(50, limit);
  // The rig records what the room answers; the reader waits for the same.
  rig.onJoinAnswer = (answer) => answers.answer(answer);
  info = infoXml(['muc_temporary'], 2);
  list = () => `<query xmlns='${ADMIN}'/>`;
  form = formXml({});
  entry = (nick) => [presenceXml('Alice', 'alice@localhost/phone'), selfXml(nick)];
  connection.answer = (iq) => {
    if (iq.getChild('query', INFO) !== undefined) return info;
    if (iq.getChild('query', OWNER) !== undefined) return form;
    return list(iq.getChild('query', ADMIN)?.getChild('item')?.attrs['affiliation'] ?? '');
  };
  connection.onSent = (stanza) => {
    const nick = stanza.attrs['to']?.split('/')[1] ?? '';
    for (const xml of entry(nick)) rig.handleXml(xml);
  };
});

function infoXml(features: readonly string[], occupants?: number): string {
  const count =
    occupants === undefined
      ? ''
      : `<x xmlns='jabber:x:data'><field var='muc#roominfo_occupants'>` +
        `<value>${occupants}</value></field></x>`;
  return `<query xmlns='${INFO}'>${features.map((name) => `<feature var='${name}'/>`).join('')}${count}</query>`;
}

function formXml(fields: Readonly<Record<string, string>>): string {
  const entries = Object.entries(fields).map(
    ([name, value]) => `<field var='muc#roomconfig_${name}'><value>${value}</value></field>`,
  );
  return `<query xmlns='${OWNER}'><x xmlns='jabber:x:data'>${entries.join('')}</x></query>`;
}

function presenceXml(nick: string, jid: string, codes: readonly number[] = []): string {
  return `<presence from='tea@conference.localhost/${nick}'><x xmlns='${USER}'>
    <item affiliation='none' role='moderator' jid='${jid}'/>
    ${codes.map((code) => `<status code='${code}'/>`).join('')}</x></presence>`;
}

function selfXml(nick: string, codes: readonly number[] = [110]): string {
  return presenceXml(nick, OWN_JID, codes);
}

function refusalXml(nick: string, condition: string): string {
  return `<presence type='error' from='tea@conference.localhost/${nick}'><error type='cancel'>
    <${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>`;
}

function read(): Promise<ReadResult> {
  return readRoom(rig.joined, {
    requests,
    nick: OWN_NICK,
    awaitJoinAnswer: (send) => answers.await(send),
  });
}

/** The joins that were sent. */
function joins(): Element[] {
  return connection.sent.filter(({ name }) => name === 'presence');
}

describe('a room that exists', () => {
  test('is entered, and its lists and its form are read behind the join', async () => {
    list = (affiliation) =>
      `<query xmlns='${ADMIN}'><item affiliation='${affiliation}' jid='${affiliation}@localhost'/></query>`;
    form = formXml({ roomname: 'Tea', roomdesc: 'Green', maxusers: '20', persistentroom: '1' });
    expect(await read()).toEqual({ kind: 'joined' });
    expect(rig.joined.room.toRow()).toMatchObject({
      name: 'Tea',
      description: 'Green',
      maxUsers: 20,
      occupants: 1,
      moderators: 1,
      owners: 1,
      admins: 1,
      members: 1,
      outcasts: 1,
    });
    expect(rig.joined.room.configuration.isPersistent).toBe(true);
    expect([rig.joined.isIn, rig.joined.isLive]).toEqual([true, false]);
    expect(connection.sent.map(({ name }) => name)).toEqual([
      'iq',
      'presence',
      ...Array<string>(5).fill('iq'),
    ]);
    expect(joins()[0]?.getChild('x', MUC)?.getChild('history')?.attrs['maxstanzas']).toBe('0');
  });

  test('that keeps silent while it ends is asked once more', async () => {
    const silence = new Promise<ScriptedAnswer>(() => undefined);
    const isQuestion = (iq: Element): boolean => iq.getChild('query', INFO) !== undefined;
    connection.answer = (iq) =>
      isQuestion(iq) && connection.sent.filter(isQuestion).length === 1
        ? silence
        : stanzaError('item-not-found');
    expect(await probe(requests, 'tea')).toEqual({ kind: 'absent', isTombstone: false });
    expect(connection.sent.filter(isQuestion)).toHaveLength(2);
  });

  test('that is temporary and empty is only watched: our going would end it', async () => {
    info = infoXml(['muc_temporary'], 0);
    expect(await read()).toEqual({ kind: 'watched' });
    expect(joins()).toEqual([]);
  });

  test.each([
    ['persistent', ['muc_persistent'], 0],
    ['of an unknown number', ['muc_temporary'], undefined],
  ])('that is %s is entered though it may be empty', async (_what, features, occupants) => {
    info = infoXml(features, occupants);
    expect(await read()).toEqual({ kind: 'joined' });
  });

  test('with a password is entered with it, asked for from the form', async () => {
    info = infoXml(['muc_passwordprotected'], 1);
    form = formXml({ roomsecret: 's3 &amp; cret' });
    expect(await read()).toEqual({ kind: 'joined' });
    expect(joins()[0]?.getChild('x', MUC)?.getChildText('password')).toBe('s3 & cret');
  });

  test('without a password is entered without one, though the form remembers one', async () => {
    form = formXml({ roomsecret: 'old' });
    await read();
    expect(joins()[0]?.getChild('x', MUC)?.getChild('password')).toBeUndefined();
  });
});

describe('our nick', () => {
  test('that somebody else has is replaced by another', async () => {
    const taken = [OWN_NICK, `${OWN_NICK}-2`];
    entry = (nick) => (taken.includes(nick) ? [refusalXml(nick, 'conflict')] : [selfXml(nick)]);
    expect(await read()).toEqual({ kind: 'joined' });
    expect(rig.joined.nick).toBe(`${OWN_NICK}-3`);
  });

  test('is not sought for ever', async () => {
    entry = (nick) => [refusalXml(nick, 'conflict')];
    expect(await read()).toEqual({ kind: 'refused', condition: 'conflict' });
    expect(new Set(joins().map(({ attrs }) => attrs['to'])).size).toBe(11);
  });
});

describe('a room that does not exist', () => {
  test.each([
    ['item-not-found', false],
    ['gone', true],
  ])('(%s) is never entered, which would make it', async (condition, isTombstone) => {
    info = stanzaError(condition);
    expect(await read()).toEqual({ kind: 'absent', isTombstone });
    expect(connection.sent).toHaveLength(1);
  });

  test('by the time of our join is known to be of our making', async () => {
    entry = (nick) => [selfXml(nick, [110, 201])];
    expect(await read()).toEqual({ kind: 'created' });
    expect(connection.sent).toHaveLength(2);
  });
});

describe('a refusal', () => {
  test('of the first question is a result', async () => {
    info = stanzaError('forbidden');
    expect(await read()).toEqual({ kind: 'refused', condition: 'forbidden' });
  });

  test.each(['forbidden', 'registration-required', 'item-not-found', 'not-authorized'])(
    'of the join (%s) is a result, and tried once',
    async (condition) => {
      entry = (nick) => [refusalXml(nick, condition)];
      expect(await read()).toEqual({ kind: 'refused', condition });
      expect(joins()).toHaveLength(1);
    },
  );

  test('of one list is a result', async () => {
    list = (affiliation) =>
      affiliation === 'outcast' ? stanzaError('not-allowed') : `<query xmlns='${ADMIN}'/>`;
    expect(await read()).toEqual({ kind: 'refused', condition: 'not-allowed' });
  });

  test('of the form is a result', async () => {
    form = stanzaError('forbidden');
    expect(await read()).toEqual({ kind: 'refused', condition: 'forbidden' });
  });

  test.each(['resource-constraint', 'internal-server-error', 'remote-server-timeout'])(
    'that may pass (%s) is a failure, wherever it comes',
    async (condition) => {
      form = stanzaError(condition);
      await expect(read()).rejects.toMatchObject({ code: 'stanza-error', condition });
      info = stanzaError(condition);
      await expect(read()).rejects.toMatchObject({ code: 'stanza-error', condition });
    },
  );
});

describe('a failure', () => {
  test.each(['timeout', 'xmpp-unavailable'] as const)('of a question (%s) fails', async (code) => {
    list = () => new ConferenceError(code, 'no answer');
    await expect(read()).rejects.toMatchObject({ code });
  });

  test('is an answer that carries no list, and no list is taken for empty', async () => {
    list = () => '';
    await expect(read()).rejects.toMatchObject({ code: 'protocol-violation' });
  });

  test('is a room that does not answer our join', async () => {
    entry = () => [];
    await expect(read()).rejects.toMatchObject({ code: 'timeout' });
  });

  test('of the form leaves nothing pending that would keep the room alive', async () => {
    form = new ConferenceError('timeout', 'late');
    entry = (nick) => [selfXml(nick)];
    await expect(read()).rejects.toMatchObject({ code: 'timeout' });
    expect(rig.joined.isAbandoned).toBe(true);
  });
});

test('what happens while the lists are read is in the room before it is handed over', async () => {
  form = formXml({ persistentroom: '1' });
  list = (affiliation) => {
    if (affiliation === 'outcast') {
      rig.handleXml(presenceXml('Bob', 'bob@localhost/phone'));
      rig.handleXml(
        presenceXml('Alice', 'alice@localhost/x').replace(
          '<presence',
          "<presence id='1' type='unavailable'",
        ),
      );
    }
    return `<query xmlns='${ADMIN}'/>`;
  };
  expect(await read()).toEqual({ kind: 'joined' });
  expect(rig.nicksIn()).toEqual(['Bob']);
  expect(rig.events).toEqual([]);
});

test('asking whether a room exists neither enters nor changes anything', async () => {
  expect(await probe(requests, 'tea')).toMatchObject({ kind: 'exists', info: { occupants: 2 } });
  expect(connection.sent.map(({ attrs }) => attrs['type'])).toEqual(['get']);
  info = '';
  await expect(probe(requests, 'tea')).rejects.toMatchObject({ code: 'protocol-violation' });
});
