import { beforeEach, describe, expect, test } from '@jest/globals';
import { ConferenceError } from '@conference/muc';
import pLimit from 'p-limit';
import { ScriptedConnection, stanzaError } from '../../../test/support/scripted-connection.js';
import type { ScriptedAnswer } from '../../../test/support/scripted-connection.js';
import { RoomRequests } from './room-requests.js';
import { findServerSoftware } from './server-software.js';

const VERSION = 'jabber:iq:version';
const INFO = 'http://jabber.org/protocol/disco#info';
const ITEMS = 'http://jabber.org/protocol/disco#items';

let connection: ScriptedConnection;
/** What each entity answers, by its JID and the namespace of the question. */
let answers: Record<string, ScriptedAnswer>;

beforeEach(() => {
  connection = new ScriptedConnection();
  answers = {};
  connection.answer = ({ attrs: { to }, children: [query] }) => {
    const namespace = typeof query === 'object' ? query.attrs['xmlns'] : undefined;
    return answers[`${to} ${namespace}`] ?? stanzaError('service-unavailable');
  };
});

function find(mucService: string): ReturnType<typeof findServerSoftware> {
  return findServerSoftware(
    new RoomRequests({
      connection,
      mucService,
      ownJid: 'tracker.example.org/conference',
      trackerDomains: new Set(['tracker.localhost']),
      timeoutMs: 1_000,
      limit: pLimit(4),
    }),
  );
}

const versionOf = (name: string, version: string): string =>
  `<query xmlns='${VERSION}'><name>${name}</name><version>${version}</version></query>`;

const itemsOf = (jid: string): string => `<query xmlns='${ITEMS}'><item jid='${jid}'/></query>`;

const identityOf = (category: string, name: string): string =>
  `<query xmlns='${INFO}'><identity category='${category}' type='im' name='${name}'/></query>`;

describe('the software of a MUC service', () => {
  test('is what the service itself says, and nobody else is asked', async () => {
    answers = {
      [`rooms.example.org ${VERSION}`]: versionOf('Gateway', '2'),
      [`example.org ${ITEMS}`]: itemsOf('rooms.example.org'),
      [`example.org ${VERSION}`]: versionOf('Prosody', '0.12.3'),
    };
    expect(await find('rooms.example.org')).toEqual({ name: 'Gateway', version: '2' });
    expect(connection.sent).toHaveLength(1);
  });

  test('is that of the domain above, where it names the service as its own', async () => {
    answers = {
      [`example.org ${ITEMS}`]: itemsOf('rooms.example.org'),
      [`example.org ${VERSION}`]: versionOf('Prosody', '0.12.3'),
    };
    expect(await find('rooms.example.org')).toEqual({ name: 'Prosody', version: '0.12.3' });
  });

  test('is not that of a domain above that has nothing to do with it', async () => {
    answers = {
      [`example.org ${ITEMS}`]: itemsOf('others.example.org'),
      [`example.org ${VERSION}`]: versionOf('Prosody', '0.12.3'),
    };
    expect(await find('rooms.example.org')).toBeUndefined();
    expect(await find('rooms')).toBeUndefined();
  });

  test('is at least the name of its identity, where that is the name of software', async () => {
    answers = {
      [`example.org ${ITEMS}`]: itemsOf('rooms.example.org'),
      [`example.org ${INFO}`]: identityOf('server', 'Ejabberd'),
    };
    expect(await find('rooms.example.org')).toEqual({ name: 'ejabberd' });
    answers[`example.org ${INFO}`] = identityOf('server', 'The chat of our club');
    expect(await find('rooms.example.org')).toBeUndefined();
    answers[`example.org ${INFO}`] = identityOf('conference', 'Prosody');
    expect(await find('rooms.example.org')).toBeUndefined();
  });

  test('is a failure, and not nothing, where there is no answer', async () => {
    answers[`rooms.example.org ${VERSION}`] = new ConferenceError('timeout', 'silence');
    await expect(find('rooms.example.org')).rejects.toMatchObject({ code: 'timeout' });
  });
});
