/** A room that the tracker is out of: it comes back, and shows where it is thrown out again and again. */
import { expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import { eventually } from '../../../../test/support/eventually.js';
import { createFollowedRooms, ROOM_ID } from '../../../../test/support/followed-rooms-rig.js';
import { stanzaError } from '../../../../test/support/scripted-connection.js';

test('once thrown out, we are in again at once and nothing is said', async () => {
  const room = createFollowedRooms(pLimit(32));
  await room.rooms.follow(ROOM_ID);
  room.kick();
  await room.waitForReads(2);
  expect([room.warnings, room.troubles]).toEqual([[], []]);
  room.end();
});

// As a room does that another node of a cluster has taken over: nobody told us that we are out.
test('a room that refuses what it tells those who are in is entered again', async () => {
  const room = createFollowedRooms(pLimit(32));
  await room.rooms.follow(ROOM_ID);
  const { answer } = room.connection;
  room.connection.answer = (iq) =>
    iq.getChild('query')?.getChild('item')?.attrs['role'] === undefined
      ? answer(iq)
      : stanzaError('forbidden');
  const inspection = room.rooms.find(ROOM_ID)?.inspect(() => undefined);
  await expect(inspection).rejects.toMatchObject({ condition: 'forbidden' });
  await room.waitForReads(2);
  room.end();
});

test('thrown out again, we stay away for a while and say so, until we are in again', async () => {
  const room = createFollowedRooms(pLimit(32));
  await room.rooms.follow(ROOM_ID);
  room.kick();
  await room.waitForReads(2);
  room.kick();
  expect(await room.keptOutRooms()).toBe(1);
  expect(room.warnings).toEqual([{ roomId: ROOM_ID, repeats: 1, pauseMs: 250 }]);
  const trouble = {
    reason: 'a room cannot be followed all the time: the tracker is thrown out again and again',
    detail: `such as ${ROOM_ID}`,
  };
  expect(room.troubles).toEqual([trouble]);
  room.rooms.compareWithListing(new Set([ROOM_ID]), 0);
  expect(room.troubles.at(-1)).toEqual(trouble);

  await room.waitForReads(3);
  expect(await room.keptOutRooms()).toBe(0);
  expect(room.troubles.at(-1)).toBeUndefined();
  room.end();
});

test('with the session it is forgotten', async () => {
  const room = createFollowedRooms(pLimit(32));
  await room.rooms.follow(ROOM_ID);
  room.kick();
  await room.waitForReads(2);
  room.kick();
  room.end();
  expect(await room.keptOutRooms()).toBe(0);
  room.rooms.tellTrouble();
  expect(room.troubles.at(-1)).toBeUndefined();
});

test('leaving while a room has not answered our join takes the join back', async () => {
  const room = createFollowedRooms(pLimit(32));
  room.connection.onSent = () => undefined;
  void room.rooms.follow(ROOM_ID);
  const presences = (): unknown[] =>
    room.connection.sent.flatMap(({ name, attrs }) => (name === 'presence' ? [attrs['type']] : []));
  await eventually(presences, (types) => types.length === 1);
  await room.rooms.leaveAll();
  expect(presences()).toStrictEqual([undefined, 'unavailable']);
  room.end();
});

test('a room that is locked is a new one: what was known of its name is over', async () => {
  const room = createFollowedRooms(pLimit(32));
  room.connection.onSent = () =>
    room.show(
      `<presence type='error' from='${ROOM_ID}@conference.localhost'><error type='cancel'>` +
        `<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>`,
    );
  await room.rooms.follow(ROOM_ID);
  expect([room.gone, room.unreadable, room.warnings]).toEqual([[ROOM_ID], [], []]);
  room.end();
});
