/** Another tracker that followed a room before us and is still in it: it is put out, in time. */
import { expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import { createFollowedRooms, ROOM_ID } from '../../../../test/support/followed-rooms-rig.js';
import { eventually } from '../../../../test/support/eventually.js';
import { OTHER_TRACKER_DOMAIN } from '../../../../test/support/joined-room-rig.js';

const GHOST =
  `<presence from='${ROOM_ID}@conference.localhost/ghost'>` +
  `<x xmlns='http://jabber.org/protocol/muc#user'>` +
  `<item affiliation='owner' role='moderator' jid='${OTHER_TRACKER_DOMAIN}/conference'/>` +
  `</x></presence>`;

/** The rooms, and who has been put out of one so far. */
function createRooms() {
  const room = createFollowedRooms(pLimit(32), [GHOST]);
  const putOut = (): unknown[] =>
    room.connection.sent.flatMap((iq) => {
      const item = iq.getChild('query')?.getChild('item');
      return item?.attrs['role'] === 'none' ? [item.attrs['nick']] : [];
    });
  return { ...room, putOut };
}

test('it stays until every room has been read, for which the server has its time', async () => {
  const room = createRooms();
  await room.rooms.follow(ROOM_ID);
  expect(room.putOut()).toEqual([]);
  room.tellAllRead();
  await eventually(room.putOut, (nicks) => nicks.length > 0);
  expect(room.putOut()).toEqual(['ghost']);
  room.end();
});

test('it is put out of a room that is found later as well', async () => {
  const room = createRooms();
  room.tellAllRead();
  await room.rooms.follow(ROOM_ID);
  await eventually(room.putOut, (nicks) => nicks.length > 0);
  room.end();
});

test('it is left alone in a room that we have left meanwhile', async () => {
  const room = createRooms();
  await room.rooms.follow(ROOM_ID);
  room.kick();
  await room.waitForReads(2);
  room.tellAllRead();
  await eventually(room.putOut, (nicks) => nicks.length > 0);
  expect(room.putOut()).toEqual(['ghost']);
  room.end();
});

test('it is left alone once it is gone, though somebody else has its nick now', async () => {
  const room = createRooms();
  await room.rooms.follow(ROOM_ID);
  room.show(GHOST.replace(`${OTHER_TRACKER_DOMAIN}/conference`, 'bob@localhost/phone'));
  room.tellAllRead();
  await room.rooms.find(ROOM_ID)?.readAgain();
  expect(room.putOut()).toEqual([]);
  room.end();
});

test('where it alone keeps a room, the room is shown that we are in, with each look', async () => {
  const room = createRooms();
  const { answer } = room.connection;
  room.connection.answer = (iq) =>
    (answer(iq) as string).replace('<value>1</value>', '<value>0</value>');
  await room.rooms.follow(ROOM_ID);
  const shown = (): unknown[] =>
    room.connection.sent.filter(
      ({ name, attrs, children }) =>
        name === 'presence' && attrs['type'] === undefined && children.length === 0,
    );
  expect(shown()).toHaveLength(0);
  room.rooms.compareWithListing(new Set([ROOM_ID]), 0);
  await eventually(shown, (presences) => presences.length === 1);
  room.end();
});
