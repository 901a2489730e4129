/** People of whose going a room tells nothing, because others share the nick that they left by. */
import { beforeEach, expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import { JoinedRoomRig, OWN_JID } from '../../../../test/support/joined-room-rig.js';
import { ScriptedConnection, stanzaError } from '../../../../test/support/scripted-connection.js';
import { RoomRequests } from '../room-requests.js';
import { RoomRereads } from './room-rereads.js';

const INFO = 'http://jabber.org/protocol/disco#info';
const ADMIN = 'http://jabber.org/protocol/muc#admin';

/** As where a silent room was asked once more, and then gave both answers. */
class TwiceAnswering extends ScriptedConnection {
  override request: ScriptedConnection['request'] = (iq, options) => {
    const { onReply } = options;
    return super.request(iq, { ...options, onReply: (reply) => (onReply(reply), onReply(reply)) });
  };
}

let rig: JoinedRoomRig;
let rereads: RoomRereads;
/** How many the room says are in it, with us. */
let counted: number;
/** The nick of each session, all of them participants; or the condition of a refusal. */
let listed: readonly string[] | string;
let asked: string[];
let failures: unknown[];

beforeEach(() => {
  rig = new JoinedRoomRig();
  rig.enter(['Alice', 'Bob']);
  asked = [];
  failures = [];
  const connection = new TwiceAnswering();
  connection.answer = (iq) => {
    const role = iq.getChild('query', ADMIN)?.getChild('item')?.attrs['role'];
    asked.push(role ?? 'info');
    if (role === undefined) {
      return (
        `<query xmlns='${INFO}'><x xmlns='jabber:x:data'>` +
        `<field var='muc#roominfo_occupants'><value>${counted}</value></field></x></query>`
      );
    }
    if (typeof listed === 'string') return stanzaError(listed);
    const items = role === 'participant' ? listed.map(itemOf) : [];
    return `<query xmlns='${ADMIN}'>${items.join('')}</query>`;
  };
  const requests = new RoomRequests({
    connection,
    mucService: 'conference.localhost',
    ownJid: OWN_JID,
    trackerDomains: new Set(['tracker.localhost']),
    timeoutMs: 50,
    limit: pLimit(32),
  });
  rereads = new RoomRereads(rig.joined, requests, (error) => failures.push(error));
});

const itemOf = (nick: string): string =>
  `<item nick='${nick}' role='participant' affiliation='none' jid='${nick.toLowerCase()}@localhost/1'/>`;

const ALL_LISTS = ['moderator', 'participant', 'visitor'];

test('where nobody shares a nick nothing is asked', async () => {
  await rereads.readUntoldPeople();
  expect(asked).toEqual([]);
});

test('where a nick is shared they are counted, and listed where somebody is missing', async () => {
  rig.shows('Alice', { jids: ['alice@localhost/desk'] });
  counted = 3;
  await rereads.readUntoldPeople();
  expect(asked.splice(0)).toEqual(['info']);
  counted = 2;
  listed = ['Alice', 'Alice'];
  await rereads.readUntoldPeople();
  expect([asked.splice(0).sort(), rig.nicksIn()]).toEqual([['info', ...ALL_LISTS], ['Alice']]);
  await rereads.readUntoldPeople();
  expect([asked, failures]).toEqual([['info'], []]);
});

test('those who were there when we came are listed once', async () => {
  rig.joined.goLive();
  listed = ['Alice', 'Bob'];
  await rereads.readUntoldPeople();
  await rereads.readUntoldPeople();
  expect([asked.sort(), rig.joined.sharing]).toEqual([ALL_LISTS, 'none']);
});

test('a server that has no such lists is not asked again', async () => {
  rig.joined.goLive();
  listed = 'feature-not-implemented';
  await rereads.readUntoldPeople();
  expect([failures, rig.joined.sharing, rig.nicksIn()]).toEqual([[], 'none', ['Alice', 'Bob']]);
});

test('a room that refuses them is to be entered again', async () => {
  rig.joined.goLive();
  listed = 'forbidden';
  await rereads.readUntoldPeople();
  expect(failures).toMatchObject([{ condition: 'forbidden' }]);
});
