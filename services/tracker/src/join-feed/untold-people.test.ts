/** People of whose going a room tells nothing, because others share the nick that they left by. */
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ConferenceError, LISTED_AFFILIATIONS } from '@conference/muc';
import pLimit from 'p-limit';
import { JoinedRoomRig, OWN_JID } from '../../../../test/support/joined-room-rig.js';
import { ScriptedConnection, stanzaError } from '../../../../test/support/scripted-connection.js';
import { LONGEST_LIST, RoomRequests } from '../room-requests.js';
import { UntoldPeople } from './untold-people.js';

const INFO = 'http://jabber.org/protocol/disco#info';
const ADMIN = 'http://jabber.org/protocol/muc#admin';
const ALL_LISTS = ['moderator', 'participant', 'visitor'];

/** As where a silent room was asked once more, and then gave both answers. */
class TwiceAnswering extends ScriptedConnection {
  override request: ScriptedConnection['request'] = (iq, options) => {
    const { onReply } = options;
    return super.request(iq, { ...options, onReply: (reply) => (onReply(reply), onReply(reply)) });
  };
}

let rig: JoinedRoomRig;
let people: UntoldPeople;
/** How many the room says are in it, with us. */
let counted: number;
/** The nick of each session by role; or a failure. */
let listed: Record<string, readonly string[]> | ConferenceError;
/** Called before each answer. */
let onAsked: () => void;
let asked: string[];
let failures: unknown[];
let retries: unknown[];
let nowMs: number;
/** What one list takes, by the same clock. */
let listMs: number;

function begin(nicks: readonly string[]): void {
  rig = new JoinedRoomRig();
  rig.enter(nicks);
  [asked, failures, retries, nowMs, listMs] = [[], [], [], 0, 10];
  onAsked = () => undefined;
  const connection = new TwiceAnswering();
  connection.answer = (iq) => {
    onAsked();
    const { role, affiliation } = iq.getChild('query', ADMIN)?.getChild('item')?.attrs ?? {};
    asked.push(role ?? affiliation ?? 'info');
    if (affiliation !== undefined) return `<query xmlns='${ADMIN}'/>`;
    if (role === undefined) {
      return (
        `<query xmlns='${INFO}'><x xmlns='jabber:x:data'>` +
        `<field var='muc#roominfo_occupants'><value>${counted}</value></field></x></query>`
      );
    }
    nowMs += listMs;
    if (listed instanceof ConferenceError) return listed;
    const items = (listed[role] ?? []).map((nick) => itemOf(nick, role));
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
  people = new UntoldPeople(rig.joined, {
    requests,
    onFailure: (error) => failures.push(error),
    onRetry: (error) => retries.push(error),
    monotonicMs: () => nowMs,
    random: () => 0,
  });
}

const itemOf = (nick: string, role: string): string =>
  `<item nick='${nick}' role='${role}' affiliation='none' jid='${nick.toLowerCase()}@localhost/1'/>`;

beforeEach(() => begin(['Alice', 'Bob']));

/** A second session comes on Alice's nick. */
const share = (role = 'participant'): void =>
  rig.shows('Alice', { jids: ['alice@localhost/desk'], role });

/** The roles of those in the room, by nick. */
const rolesIn = (): Record<string, string> =>
  Object.fromEntries(
    [...rig.joined.room.occupants.values()].map(({ nick, role }) => [nick, role] as const),
  );

describe('with each look', () => {
  test('where nobody shares a nick nothing is asked', async () => {
    await people.read();
    expect([asked, people.mustBeAsked]).toEqual([[], false]);
  });

  test('where a nick is shared they are counted, and listed where somebody is missing', async () => {
    share();
    counted = 3;
    await people.read();
    expect(asked.splice(0)).toEqual(['info']);
    counted = 2;
    listed = { participant: ['Alice', 'Alice'] };
    await people.read();
    expect([asked.splice(0).sort(), rig.nicksIn()]).toEqual([['info', ...ALL_LISTS], ['Alice']]);
    await people.read();
    expect([asked, failures, retries]).toEqual([['info'], [], []]);
  });

  test('those who were there when we came are listed once', async () => {
    rig.joined.goLive();
    listed = { participant: ['Alice', 'Bob'] };
    await people.read();
    await people.read();
    expect([asked.sort(), rig.joined.others.sharing]).toEqual([ALL_LISTS, 'none']);
  });

  test('a server that has no such lists is not asked again', async () => {
    rig.joined.goLive();
    listed = stanzaError('feature-not-implemented');
    await people.read();
    expect([failures, retries, people.mustBeAsked]).toEqual([[], [], false]);
    expect(rig.nicksIn()).toEqual(['Alice', 'Bob']);
  });

  test('a room that refuses them is to be entered again', async () => {
    rig.joined.goLive();
    listed = stanzaError('forbidden');
    await people.read();
    expect([failures, retries]).toMatchObject([[{ condition: 'forbidden' }], []]);
  });
});

describe('a departure in doubt', () => {
  test('of a nick with several roles is none while a session has another', async () => {
    share('moderator');
    listed = { participant: ['Alice', 'Bob'] };
    await people.settleDoubt();
    expect(rolesIn()).toEqual({ Alice: 'participant', Bob: 'participant' });
    expect([asked.sort(), people.isInDoubt]).toEqual([ALL_LISTS, false]);
  });

  test('of a nick that may have been shared before we came is none either', async () => {
    rig.joined.goLive();
    listed = { participant: ['Bob'], visitor: ['Alice'] };
    await people.settleDoubt();
    expect(rolesIn()).toEqual({ Alice: 'visitor', Bob: 'participant' });
    expect(people.mustBeAsked).toBe(false);
  });

  test('that arises while lists are asked for is settled by asking once more', async () => {
    share();
    listed = { participant: ['Alice', 'Bob'] };
    let again: Promise<void> | undefined;
    onAsked = () => {
      again ??= people.settleDoubt();
    };
    await people.settleDoubt();
    await again;
    expect([asked.sort(), people.isInDoubt]).toEqual([[...ALL_LISTS, ...ALL_LISTS].sort(), false]);
  });

  test('makes a room be entered again that has no such lists', async () => {
    share();
    listed = stanzaError('feature-not-implemented');
    await people.settleDoubt();
    expect(failures).toMatchObject([{ condition: 'feature-not-implemented' }]);
  });
});

describe('a question that fails', () => {
  const condition = 'resource-constraint';
  const passing = new ConferenceError('stanza-error', condition, { condition, isRetryable: true });

  test('is asked again with later looks, at growing intervals', async () => {
    share();
    listed = passing;
    await people.settleDoubt();
    expect([failures, retries]).toMatchObject([[], [{ condition }]]);
    expect([people.isInDoubt, people.mustBeAsked]).toEqual([true, true]);
    const intervals: number[] = [];
    for (let failed = retries.length; intervals.length < 2; failed = retries.length) {
      const sinceMs = nowMs;
      while (retries.length === failed) {
        nowMs += 50;
        await people.read();
      }
      intervals.push(nowMs - sinceMs);
    }
    expect(intervals[1]).toBeGreaterThan(intervals[0] ?? Number.POSITIVE_INFINITY);
    listed = { participant: ['Bob'] };
    nowMs += 60_000;
    await people.read();
    expect([rig.nicksIn(), people.isInDoubt]).toEqual([['Bob'], false]);
  });

  test('is asked again also where only one is known to be in', async () => {
    begin(['Alice']);
    rig.joined.goLive();
    listed = passing;
    await people.settleDoubt();
    expect([rig.joined.others.sharing, people.mustBeAsked]).toEqual(['none', true]);
  });

  test('is over: what is told afterwards is not kept for it', async () => {
    const beginning = jest.spyOn(rig.joined.others.listings, 'begin');
    share();
    listed = passing;
    await people.settleDoubt();
    rig.shows('Carol');
    expect(beginning.mock.results).toEqual([{ type: 'return', value: new Set() }]);
  });

  test('by a silent room is asked again too', async () => {
    share();
    onAsked = () => {
      throw new ConferenceError('timeout', 'silent');
    };
    await people.settleDoubt();
    expect([failures, retries]).toMatchObject([[], [{ code: 'timeout' }]]);
  });
});

describe('a room with very many people in it', () => {
  const nicks = Array.from({ length: LONGEST_LIST + 1 }, (_, number) => `p${number}`);
  const whole = { participant: nicks };

  beforeEach(() => {
    begin(nicks);
    rig.shows('p0', { jids: ['p0@localhost/desk'], role: 'moderator' });
    listed = { moderator: ['p0'], ...whole };
  });

  test('is listed a hundredth of the time at most', async () => {
    listMs = 5_000;
    for (let look = 0; look < 20; look += 1) {
      await people.read();
      nowMs += 600_000;
    }
    expect(asked.length).toBeGreaterThan(5 * ALL_LISTS.length);
    expect(asked.length * listMs).toBeLessThanOrEqual(nowMs / 100);
  });

  test('tells nobody as gone meanwhile, and does once it is listed again', async () => {
    await people.read();
    listed = { participant: nicks.slice(1) };
    await people.settleDoubt();
    expect([rig.joined.room.occupants.size, people.isInDoubt]).toEqual([nicks.length, true]);
    nowMs += 100 * ALL_LISTS.length * listMs;
    await people.read();
    expect([rig.joined.room.occupants.size, people.mustBeAsked]).toEqual([nicks.length - 1, false]);
  });

  test('is listed whole after each change of its configuration no more often', async () => {
    await people.readAll();
    asked = [];
    await people.readAll();
    expect([asked, people.isInDoubt]).toEqual([[], true]);
    nowMs += 100 * ALL_LISTS.length * listMs;
    await people.read();
    expect(asked).toEqual([...ALL_LISTS, ...LISTED_AFFILIATIONS]);
  });
});
