import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ConferenceError, Room } from '@conference/muc';
import { createMetricsRegistry, createSilentLogger } from '@conference/service-runtime';
import { parse } from 'ltx';
import type { Element } from 'ltx';
import pLimit from 'p-limit';
import { eventually } from '../../../../test/support/eventually.js';
import { ScriptedConnection, stanzaError } from '../../../../test/support/scripted-connection.js';
import type { ScriptedAnswer } from '../../../../test/support/scripted-connection.js';
import type { RoomPart } from '../room-feed.js';
import { RoomRequests } from '../room-requests.js';
import { createTrackerMetrics } from '../tracker-metrics.js';
import { ServerFeed } from './server-feed.js';

const NS = 'urn:xmpp:conference-feed:1';

let connection: ScriptedConnection;
let feed: ServerFeed;
/** What the listener was told, in order. */
let told: string[];
/** Why not everything is told, as it stands. */
let reason: string | undefined;
let read: Map<string, Room>;
/** Where the sender stands. */
let life: string;
let number: number;
let isListening: boolean;
/** The pages of the snapshot, as rooms in XML. */
let pages: string[];
/** Takes the place of an answer. */
let failure: (question: string) => ConferenceError | undefined;
/** The pages of a room that is asked for alone, as rooms in XML. */
let roomPages: string[];
/** Called before a page is answered. */
let beforePage: (page: number) => void;

beforeEach(() => {
  connection = new ScriptedConnection();
  told = [];
  reason = undefined;
  read = new Map();
  life = 'one';
  number = 7;
  isListening = false;
  pages = [roomXml('tea', '<o n="anna" r="participant" a="none"/>')];
  roomPages = [];
  failure = () => undefined;
  beforePage = () => undefined;
  connection.answer = answer;
  feed = new ServerFeed({
    requests: new RoomRequests({
      connection,
      mucService: 'conference.localhost',
      ownJid: 'tracker.localhost/conference',
      trackerDomains: new Set(['tracker.localhost']),
      timeoutMs: 1_000,
      limit: pLimit(4),
    }),
    listener: {
      onRoomRead: (room) => {
        read.set(room.roomId, room);
        told.push(`read ${room.roomId}`);
      },
      onDoubtfulDeparture: () => told.push('doubtful departure'),
      onRoomEvent: (roomId, event) => told.push(`${event.kind} ${roomId}`),
      onRoomGone: (roomId) => told.push(`gone ${roomId}`),
      onRoomUnreadable: (roomId) => told.push(`unreadable ${roomId}`),
      onSynchronised: () => told.push('synchronised'),
      onTrouble: (trouble) => void (reason = trouble?.reason),
      onInterrupted: () => told.push('interrupted'),
    },
    onUnavailable: (condition) => told.push(`unavailable ${condition}`),
    metrics: createTrackerMetrics(createMetricsRegistry())('conference.localhost'),
    logger: createSilentLogger(),
    now: () => 1_000,
    random: () => 0,
  });
});

afterEach(() => feed.stop());

function place(): string {
  return `xmlns='${NS}' life='${life}' number='${number}'`;
}

function roomXml(roomId: string, inner = '', attributes = "part='first'"): string {
  return `<room id='${roomId}' ${attributes}><name/>${inner}</room>`;
}

function answer(iq: Element): ScriptedAnswer {
  const question = iq.getChildElements()[0];
  const name = question?.name ?? '';
  const refused = failure(name);
  if (refused !== undefined) return refused;
  if (name === 'subscribe') isListening = true;
  if (name === 'subscribe') return `<subscribed ${place()}/>`;
  if (name === 'status') return `<status ${place()}${isListening ? " listening='1'" : ''}/>`;
  if (name === 'unsubscribe') return '';
  const page = Number(question?.attrs['page']);
  beforePage(page);
  const answered = name === 'room' ? roomPages : pages;
  const next = page + 1 < answered.length ? `<next>${page + 1}</next>` : '';
  return `<page ${place()} rooms='${answered.length}'>${answered[page] ?? ''}${next}</page>`;
}

/** The sender tells something, the next in its count. */
function sendBatch(rooms: string): void {
  number += 1;
  repeatBatch(rooms);
}

function repeatBatch(rooms: string): void {
  feed.onStanza(
    parse(`<message from='conference.localhost'><batch ${place()}>${rooms}</batch></message>`),
  );
}

async function untilTold(what: string, times = 1): Promise<void> {
  await eventually(() => told.filter((each) => each === what).length >= times, Boolean, {
    what: `${what} in ${told.join(', ')}`,
    intervalMs: 2,
  });
}

function asked(): string[] {
  return connection.sent.flatMap((stanza) => stanza.getChildElements()[0]?.name ?? []);
}

function askedPages(): (string | undefined)[] {
  return connection.sent.flatMap((stanza) => stanza.getChild('snapshot')?.attrs['page'] ?? []);
}

test('subscribes, reads every page, and is in step', async () => {
  pages = ['tea', 'cake', 'milk'].map((roomId) => roomXml(roomId));
  feed.onOnline();
  await untilTold('synchronised');
  expect(told).toEqual(['read tea', 'read cake', 'read milk', 'synchronised']);
  expect(asked()).toEqual(['subscribe', ...Array<string>(4).fill('snapshot')]);
  // The one past the last was asked for before it was known to be that.
  expect(askedPages()).toEqual(['0', '1', '2', '3']);
  sendBatch(roomXml('tea', '<o n="bert" r="participant" a="none"/>', ''));
  sendBatch("<room id='cake' gone='1'/><room id='milk' unreadable='1'/>");
  expect(told.slice(4)).toEqual(['occupant-present tea', 'gone cake', 'unreadable milk']);
});

test('changes between two pages are taken in at their place', async () => {
  pages = [
    roomXml('tea', "<o n='anna' r='participant'/><more/>"),
    roomXml('tea', '', "part='next'"),
  ];
  beforePage = (page) => {
    if (page === 1) sendBatch(roomXml('tea', "<o n='anna' r='none'/>", ''));
  };
  feed.onOnline();
  await untilTold('synchronised');
  expect(read.get('tea')?.isEmpty).toBe(true);
});

test('a batch that comes again says nothing', async () => {
  feed.onOnline();
  await untilTold('synchronised');
  repeatBatch("<room id='tea' gone='1'/>");
  expect(told).not.toContain('gone tea');
});

test.each([
  ['a gap in the numbers', () => (number += 1)],
  ['another life', () => (life = 'two')],
])('%s: everything is read again at once', async (_what, happen) => {
  feed.onOnline();
  await untilTold('synchronised');
  happen();
  sendBatch("<room id='tea' gone='1'/>");
  expect(told).not.toContain('gone tea');
  await untilTold('synchronised', 2);
  expect(told).toEqual(['read tea', 'synchronised', 'interrupted', 'read tea', 'synchronised']);
  // Long before the next status would have been asked for.
  expect(asked()).not.toContain('status');
});

test.each([
  ['a page that was told after something that did not arrive', () => (number += 1)],
  ['a page of another life', () => (life = 'two')],
])('%s: everything is read again', async (_what, happen) => {
  beforePage = () => {
    if (told.length === 0) happen();
  };
  feed.onOnline();
  await untilTold('interrupted');
  await untilTold('synchronised');
  expect(told.filter((each) => each === 'synchronised')).toHaveLength(1);
});

test.each([
  ['is further on', () => (number += 1)],
  ['has forgotten us', () => (isListening = false)],
])('a sender that %s when it is asked: everything is read again', async (_what, happen) => {
  feed.onOnline();
  await untilTold('synchronised');
  happen();
  await untilTold('synchronised', 2);
  expect(told).toContain('interrupted');
  expect(asked()).toContain('status');
});

test.each(['service-unavailable', 'feature-not-implemented', 'forbidden'])(
  'a service that answers %s has no feed for us',
  async (condition) => {
    failure = (question) => (question === 'subscribe' ? stanzaError(condition) : undefined);
    feed.onOnline();
    await untilTold(`unavailable ${condition}`);
    expect(reason).toBe(`the service does not offer us its feed (${condition})`);
    expect(asked()).toEqual(['subscribe']);
  },
);

test('a failure that may pass is tried again', async () => {
  let failures = 2;
  failure = (question) => {
    if (question !== 'snapshot' || failures === 0) return undefined;
    failures -= 1;
    return stanzaError('internal-server-error');
  };
  feed.onOnline();
  await untilTold('synchronised');
  expect(told).toEqual(['interrupted', 'interrupted', 'read tea', 'synchronised']);
});

test('an answer that is none is a failure, and no empty list', async () => {
  const whole = pages;
  pages = [];
  connection.answer = (iq) => {
    const isFirst = pages !== whole && iq.getChild('snapshot') !== undefined;
    if (!isFirst) return answer(iq);
    pages = whole;
    return '<query/>';
  };
  feed.onOnline();
  await untilTold('synchronised');
  expect(told).toEqual(['interrupted', 'read tea', 'synchronised']);
});

test('a ghost of ours leaves, wherever it shows', async () => {
  pages = [roomXml('tea', '', "part='first' tracker='1'")];
  feed.onOnline();
  await untilTold('synchronised');
  feed.onStanza(
    parse(
      `<presence from='cake@conference.localhost/anna'>` +
        `<x xmlns='http://jabber.org/protocol/muc#user'>` +
        `<item affiliation='none' role='participant'/></x></presence>`,
    ),
  );
  const left = connection.sent.filter(({ name }) => name === 'presence');
  expect(left.map(({ attrs }) => [attrs['type'], attrs['to']?.split('/')[0]])).toEqual([
    ['unavailable', 'tea@conference.localhost'],
    ['unavailable', 'cake@conference.localhost'],
  ]);
});

test('after a stream is gone nothing of it counts', async () => {
  feed.onOnline();
  await untilTold('synchronised');
  feed.onOffline();
  sendBatch("<room id='tea' gone='1'/>");
  expect(told).toEqual(['read tea', 'synchronised']);
  feed.onOnline();
  await untilTold('synchronised', 2);
});

test('ends its subscription when it stops, twice if need be', async () => {
  feed.onOnline();
  await untilTold('synchronised');
  await feed.stop();
  await feed.stop();
  expect(asked().filter((question) => question === 'unsubscribe')).toHaveLength(1);
});

describe('one room alone', () => {
  const inspect = async (): Promise<RoomPart[]> => {
    const parts: RoomPart[] = [];
    await feed.inspect('tea', (part) => parts.push(part));
    return parts;
  };

  beforeEach(async () => {
    feed.onOnline();
    await untilTold('synchronised');
    told.splice(0);
  });

  test('is handed over with its last page, and changes nothing', async () => {
    roomPages = [
      roomXml('tea', "<o n='carl' r='visitor' j='carl@localhost'/><more/>"),
      roomXml('tea', "<o n='dora' r='moderator'/><a j='dora@localhost' a='owner'/>", "part='next'"),
    ];
    const people = (await inspect()).flatMap((part) =>
      part.kind === 'role' ? part.occupants.map(({ nick }) => `${part.role} ${nick}`) : [],
    );
    expect(people).toEqual(['moderator dora', 'visitor carl']);
    expect(await inspect()).toContainEqual({
      kind: 'affiliation',
      affiliation: 'owner',
      bareJids: ['dora@localhost'],
    });
    expect(told).toEqual([]);
    expect([...(read.get('tea')?.occupants.keys() ?? [])]).toEqual(['anna']);
  });

  test('begins anew where the server begins anew', async () => {
    roomPages = [
      roomXml('tea', "<o n='carl' r='visitor'/><more/>"),
      roomXml('tea', "<o n='dora' r='visitor'/>"),
    ];
    expect(await inspect()).toContainEqual(
      expect.objectContaining({
        role: 'visitor',
        occupants: [expect.objectContaining({ nick: 'dora' })],
      }),
    );
  });

  test.each([
    ['that is gone', '', [{ kind: 'absent' }]],
    ['that the server cannot read', "<room id='tea' unreadable='1'/>", []],
  ])('a room %s', async (_which, page, parts) => {
    roomPages = [page];
    expect(await inspect()).toEqual(parts);
  });

  test('a room that is not known is not asked for', async () => {
    await feed.inspect('cake', () => told.push('part'));
    expect(asked()).not.toContain('room');
  });

  test('read again, it takes the place of what was known', async () => {
    roomPages = [roomXml('tea', "<o n='dora' r='visitor'/>")];
    await feed.readAgain('tea');
    expect(told).toEqual(['read tea']);
    expect([...(read.get('tea')?.occupants.keys() ?? [])]).toEqual(['dora']);
  });

  test('read again where it is gone, it is told as gone', async () => {
    await feed.readAgain('tea');
    expect(told).toEqual(['gone tea']);
  });

  test('where it cannot be read again, everything is', async () => {
    failure = (name) => (name === 'room' ? stanzaError('item-not-found') : undefined);
    await feed.readAgain('tea');
    await untilTold('synchronised');
    expect(told).toEqual(['interrupted', 'read tea', 'synchronised']);
  });

  test('a module that does not know the question is no trouble', async () => {
    failure = (name) => (name === 'room' ? stanzaError('service-unavailable') : undefined);
    await expect(inspect()).rejects.toMatchObject({ condition: 'service-unavailable' });
    expect(told).toEqual([]);
  });
});
