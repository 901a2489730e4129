import { beforeEach, describe, expect, test } from '@jest/globals';
import { ConferenceError } from '@conference/muc';
import type { Element } from 'ltx';
import pLimit from 'p-limit';
import { ScriptedConnection, stanzaError } from '../../../../test/support/scripted-connection.js';
import type { ScriptedAnswer } from '../../../../test/support/scripted-connection.js';
import { createRoomLister, hasListingCommand } from './room-listing.js';
import { RoomRequests } from '../room-requests.js';

const SERVICE = 'conference.localhost';
const ITEMS = 'http://jabber.org/protocol/disco#items';
const COMMANDS = 'http://jabber.org/protocol/commands';
const RSM = 'http://jabber.org/protocol/rsm';
const DESTROY = 'http://prosody.im/protocol/muc#destroy';

let connection: ScriptedConnection;
let requests: RoomRequests;

beforeEach(() => {
  connection = new ScriptedConnection();
  requests = new RoomRequests({
    connection,
    mucService: SERVICE,
    ownJid: 'tracker.localhost/conference',
    trackerDomains: new Set(['tracker.localhost']),
    timeoutMs: 1_000,
    limit: pLimit(4),
  });
});

async function listRooms(): Promise<string[]> {
  const lister = createRoomLister(requests, await hasListingCommand(requests));
  return [...(await lister())].sort();
}

function isCommandQuestion(iq: Element): boolean {
  return iq.getChild('query', ITEMS)?.attrs['node'] === COMMANDS;
}

describe('a service with the command of an administrator', () => {
  let options: readonly string[];
  let cancelAnswer: ScriptedAnswer;

  beforeEach(() => {
    options = [];
    cancelAnswer = '';
    connection.answer = (iq) => {
      if (isCommandQuestion(iq)) {
        return `<query xmlns='${ITEMS}'><item jid='${SERVICE}' node='other'/>
          <item jid='${SERVICE}' node='${DESTROY}'/></query>`;
      }
      const command = iq.getChild('command', COMMANDS);
      if (command?.attrs['action'] === 'cancel') return cancelAnswer;
      const values = options.map((jid) => `<option><value>${jid}</value></option>`);
      return `<command xmlns='${COMMANDS}' sessionid='s1' node='${DESTROY}' status='executing'>
        <x xmlns='jabber:x:data'><field var='rooms'>${values.join('')}</field></x></command>`;
    };
  });

  test('lists what its form offers, of this service only', async () => {
    options = [`a@${SERVICE}`, `b|x@${SERVICE}`, 'c@elsewhere.localhost', SERVICE];
    expect(await listRooms()).toEqual(['a', 'b|x']);
  });

  test('may have no rooms', async () => {
    expect(await listRooms()).toEqual([]);
  });

  test('is asked to cancel what was opened, and never to complete it', async () => {
    options = [`a@${SERVICE}`];
    await listRooms();
    const commands = connection.sent.flatMap((iq) => iq.getChild('command', COMMANDS) ?? []);
    expect(commands.map(({ attrs }) => [attrs['action'], attrs['sessionid']])).toEqual([
      ['execute', undefined],
      ['cancel', 's1'],
    ]);
  });

  test('is asked for its commands once, and then only for the list', async () => {
    const lister = createRoomLister(requests, await hasListingCommand(requests));
    await lister();
    await lister();
    expect(connection.sent.filter(isCommandQuestion)).toHaveLength(1);
  });

  test('that answers with something else gives no list', async () => {
    const lister = createRoomLister(requests, await hasListingCommand(requests));
    connection.answer = () => `<command xmlns='${COMMANDS}' sessionid='s1' status='completed'/>`;
    await expect(lister()).rejects.toMatchObject({ code: 'protocol-violation' });
  });

  test('that refuses the command later fails and lists nothing', async () => {
    const lister = createRoomLister(requests, await hasListingCommand(requests));
    connection.answer = () => stanzaError('forbidden');
    await expect(lister()).rejects.toMatchObject({ condition: 'forbidden' });
  });
});

describe('a service that lists in pages', () => {
  /** All rooms in order. */
  let rooms: string[];
  /** What the service says that there are. */
  let countOf: () => number | undefined;

  beforeEach(() => {
    rooms = [];
    countOf = () => rooms.length;
    connection.answer = (iq) => {
      if (isCommandQuestion(iq)) return stanzaError('service-unavailable');
      const set = iq.getChild('query', ITEMS)?.getChild('set', RSM);
      const max = Number(set?.getChildText('max'));
      if (!(max <= 100)) throw new Error(`a page of ${max}`);
      const after = set?.getChildText('after') ?? undefined;
      const begin = after === undefined ? 0 : rooms.findIndex((room) => room > after);
      return pageOf(begin === -1 ? [] : rooms.slice(begin, begin + max), countOf());
    };
  });

  function pageOf(names: readonly string[], count: number | undefined): string {
    const items = names.map((name) => `<item jid='${name}@${SERVICE}' name='T (1)'/>`);
    const last = names.at(-1);
    return `<query xmlns='${ITEMS}'>${items.join('')}<set xmlns='${RSM}'>
      ${last === undefined ? '' : `<last>${last}</last>`}
      ${count === undefined ? '' : `<count>${count}</count>`}</set></query>`;
  }

  function makeRooms(count: number): string[] {
    return Array.from({ length: count }, (_, i) => `r${String(i).padStart(5, '0')}`);
  }

  test.each([0, 1, 99, 100, 101, 250, 1_000])('lists all of %d rooms', async (count) => {
    rooms = makeRooms(count);
    expect(await listRooms()).toEqual(rooms);
  });

  test('needs no count to be whole', async () => {
    rooms = makeRooms(150);
    countOf = () => undefined;
    expect(await listRooms()).toEqual(rooms);
  });

  test('and lists fewer than it counts gives no list', async () => {
    rooms = makeRooms(150);
    countOf = () => 151;
    await expect(listRooms()).rejects.toMatchObject({
      code: 'protocol-violation',
      isRetryable: true,
    });
  });

  test('and counts rooms while it shows none gives no list', async () => {
    countOf = () => 300;
    await expect(listRooms()).rejects.toMatchObject({ code: 'protocol-violation' });
  });

  test('may gain rooms while they are walked', async () => {
    rooms = makeRooms(150);
    const lister = createRoomLister(requests, await hasListingCommand(requests));
    const answer = connection.answer;
    connection.answer = (iq) => {
      const page = answer(iq);
      if (rooms.length === 150) rooms.push('s');
      return page;
    };
    expect([...(await lister())]).toEqual([...makeRooms(150), 's']);
  });

  test('and shows the same page for ever gives no list', async () => {
    const lister = createRoomLister(requests, await hasListingCommand(requests));
    connection.answer = () => pageOf(['a', 'b'], 3);
    await expect(lister()).rejects.toMatchObject({ code: 'protocol-violation' });
  });

  test('and does not page has said everything at once', async () => {
    const lister = createRoomLister(requests, await hasListingCommand(requests));
    connection.answer = () =>
      `<query xmlns='${ITEMS}'><item jid='a@${SERVICE}'/><item jid='b@${SERVICE}'/></query>`;
    expect([...(await lister())]).toEqual(['a', 'b']);
  });

  test('and fails in the middle gives no list', async () => {
    rooms = makeRooms(250);
    const lister = createRoomLister(requests, await hasListingCommand(requests));
    const answer = connection.answer;
    let asked = 0;
    connection.answer = (iq) => {
      asked += 1;
      return asked === 2 ? new ConferenceError('timeout', 'late') : answer(iq);
    };
    await expect(lister()).rejects.toMatchObject({ code: 'timeout' });
  });
});

test.each<[string, ScriptedAnswer, string]>([
  [
    'fails in passing',
    new ConferenceError('stanza-error', 'busy', {
      condition: 'internal-server-error',
      isRetryable: true,
    }),
    'stanza-error',
  ],
  ['answers with nothing', '', 'protocol-violation'],
])('how rooms are listed stays open while the service %s', async (_what, answered, code) => {
  connection.answer = () => answered;
  await expect(hasListingCommand(requests)).rejects.toMatchObject({ code });
});

test('how rooms are listed stays open while the service does not answer', async () => {
  await expect(hasListingCommand(requests)).rejects.toMatchObject({ code: 'timeout' });
});
