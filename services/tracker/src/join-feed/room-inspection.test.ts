import { Room } from '@conference/muc';
import { expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import { ScriptedConnection, stanzaError } from '../../../../test/support/scripted-connection.js';
import type { RoomPart } from '../room-feed.js';
import { RoomRequests } from '../room-requests.js';
import { inspectRoom } from './room-inspection.js';

const ADMIN = 'http://jabber.org/protocol/muc#admin';

test('no tracker counts as an occupant: not we, and not one that hangs and is still in', async () => {
  const connection = new ScriptedConnection();
  connection.answer = (iq) => {
    const item = iq.getChild('query', ADMIN)?.getChild('item');
    if (item === undefined) return stanzaError('item-not-found');
    const isAsked = item.attrs['role'] === 'moderator';
    const jids = ['anna@localhost/phone', 'tracker.localhost/us', 'tracker2.localhost/hangs'];
    const items = jids.map(
      (jid, nick) => `<item nick='${nick}' role='moderator' affiliation='owner' jid='${jid}'/>`,
    );
    return `<query xmlns='${ADMIN}'>${isAsked ? items.join('') : ''}</query>`;
  };
  const requests = new RoomRequests({
    connection,
    mucService: 'conference.localhost',
    ownJid: 'tracker.localhost/us',
    trackerDomains: new Set(['tracker.localhost', 'tracker2.localhost']),
    timeoutMs: 50,
    limit: pLimit(1),
  });
  const parts: RoomPart[] = [];
  const isJudged = (): boolean => true;
  await expect(
    inspectRoom(new Room('tea', 0), requests, isJudged, (part) => parts.push(part)),
  ).rejects.toMatchObject({ condition: 'item-not-found' });
  expect(parts[0]).toMatchObject({
    kind: 'role',
    role: 'moderator',
    occupants: [{ bareJid: 'anna@localhost' }],
  });
});
