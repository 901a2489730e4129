import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createSilentLogger } from '@conference/service-runtime';
import { parse } from 'ltx';
import pLimit from 'p-limit';
import { eventually } from '../../../test/support/eventually.js';
import { ScriptedConnection, stanzaError } from '../../../test/support/scripted-connection.js';
import type { ScriptedAnswer } from '../../../test/support/scripted-connection.js';
import { ChosenFeed } from './chosen-feed.js';
import type { FeedKind } from './chosen-feed.js';
import type { FeedTrouble } from './room-feed.js';
import { RoomRequests } from './room-requests.js';

let connection: ScriptedConnection;
let chosen: ChosenFeed;
/** What the service announces, or how it fails to. */
let announced: ScriptedAnswer;
/** What happened to the feeds that were made, in order. */
let happened: string[];
/** As the last feed that was made would say it. */
let refuse: (condition: string) => void;
/** What was told of why nothing is decided, in order. */
let troubles: (FeedTrouble | undefined)[];

beforeEach(() => {
  connection = new ScriptedConnection();
  connection.answer = () => announced;
  announced = infoXml('urn:xmpp:conference-feed:1');
  happened = [];
  troubles = [];
});

afterEach(() => chosen.stop());

function infoXml(feature: string): string {
  return `<query xmlns='http://jabber.org/protocol/disco#info'><feature var='${feature}'/></query>`;
}

function choose(demanded: FeedKind | 'auto'): void {
  chosen = new ChosenFeed({
    demanded,
    requests: new RoomRequests({
      connection,
      mucService: 'conference.localhost',
      ownJid: 'tracker.localhost/conference',
      trackerDomains: new Set(['tracker.localhost']),
      timeoutMs: 1_000,
      limit: pLimit(1),
    }),
    listener: { onTrouble: (trouble) => void troubles.push(trouble) },
    logger: createSilentLogger(),
    create: (kind, onUnavailable) => {
      refuse = onUnavailable;
      return {
        onOnline: () => void happened.push(`${kind} online`),
        onOffline: () => void happened.push(`${kind} offline`),
        onStanza: ({ name }) => void happened.push(`${kind} ${name}`),
        inspect: (roomId) => Promise.resolve(void happened.push(`${kind} inspects ${roomId}`)),
        readAgain: (roomId) => Promise.resolve(void happened.push(`${kind} reads ${roomId}`)),
        stop: () => {
          happened.push(`${kind} stopped`);
          return Promise.resolve();
        },
      };
    },
  });
  chosen.onOnline();
}

async function until(what: string): Promise<void> {
  await eventually(() => happened.includes(what), Boolean, { what, intervalMs: 2 });
}

test('by the feed where the service announces one', async () => {
  choose('auto');
  await until('feed online');
  expect(chosen.kind).toBe('feed');
});

test('by joining where it announces none', async () => {
  announced = infoXml('http://jabber.org/protocol/muc');
  choose('auto');
  await until('join online');
  expect(chosen.kind).toBe('join');
});

test.each(['feed', 'join'] as const)('by %s where that is demanded, unasked', async (kind) => {
  choose(kind);
  await until(`${kind} online`);
  expect(connection.sent).toEqual([]);
});

test('says why nothing is decided, and asks again until the service answers', async () => {
  announced = stanzaError('internal-server-error');
  choose('auto');
  await eventually(() => troubles.length > 0);
  expect(troubles).toEqual([{ reason: 'internal-server-error' }]);
  announced = infoXml('urn:xmpp:conference-feed:1');
  await until('feed online');
});

test('by joining where the feed that is announced is for somebody else', async () => {
  choose('auto');
  await until('feed online');
  refuse('forbidden');
  await until('join online');
  expect(happened).toEqual(['feed online', 'feed offline', 'join online']);
  expect(troubles).toStrictEqual([undefined]);
});

test('looks again where there is a feed no longer', async () => {
  choose('auto');
  await until('feed online');
  announced = infoXml('http://jabber.org/protocol/muc');
  refuse('service-unavailable');
  await until('join online');
});

test('goes on with the feed that is demanded, though it is refused', async () => {
  choose('feed');
  await until('feed online');
  refuse('forbidden');
  await eventually(
    () => happened.filter((each) => each === 'feed online').length,
    (n) => n === 2,
  );
  expect(happened).not.toContain('join online');
});

test('chooses anew with each stream, and passes stanzas on to what is chosen', async () => {
  choose('auto');
  chosen.onStanza(parse('<message/>'));
  await until('feed online');
  chosen.onStanza(parse('<message/>'));
  chosen.onOffline();
  expect(chosen.kind).toBeUndefined();
  chosen.onStanza(parse('<presence/>'));
  announced = infoXml('http://jabber.org/protocol/muc');
  chosen.onOnline();
  await until('join online');
  expect(happened).toEqual(['feed online', 'feed message', 'feed offline', 'join online']);
});

test('a stream that is gone before the answer chooses nothing', async () => {
  let answerLate: (answer: ScriptedAnswer) => void = () => undefined;
  connection.answer = () => new Promise((resolve) => (answerLate = resolve));
  choose('auto');
  await eventually(() => connection.sent.length > 0);
  chosen.onOffline();
  answerLate(announced);
  connection.answer = () => infoXml('http://jabber.org/protocol/muc');
  chosen.onOnline();
  await until('join online');
  expect(happened).toEqual(['join online']);
});

test('stops what it has chosen', async () => {
  choose('join');
  await until('join online');
  await chosen.stop();
  expect(happened).toContain('join stopped');
});
