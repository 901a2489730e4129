import { expect, test } from '@jest/globals';
import type { Occupant } from '@conference/muc';
import { applyRoomEvent, Room } from '@conference/muc';
import { Suspicion } from './suspicion.js';

const ANNA: Occupant = {
  nick: 'anna',
  role: 'moderator',
  affiliation: 'none',
  bareJid: 'anna@localhost',
};

test.each([
  ['before', ['moderator', 'participant'] as const],
  ['behind', ['participant', 'moderator'] as const],
])('somebody is as known who is told in another role too, %s', (_place, roles) => {
  const room = new Room('tea', 0);
  applyRoomEvent(room, { kind: 'occupant-present', occupant: ANNA }, 0);
  const suspicion = new Suspicion(room);
  for (let reading = 0; reading < 2; reading += 1) {
    suspicion.beginReading();
    for (const role of roles) suspicion.hold(room, { kind: 'role', role, occupants: [ANNA] });
  }
  expect(suspicion.proved).toEqual([]);
});

test('somebody is not as known who is told in another role only', () => {
  const room = new Room('tea', 0);
  applyRoomEvent(room, { kind: 'occupant-present', occupant: ANNA }, 0);
  const suspicion = new Suspicion(room);
  for (let reading = 0; reading < 2; reading += 1) {
    suspicion.beginReading();
    suspicion.hold(room, { kind: 'role', role: 'moderator', occupants: [] });
    suspicion.hold(room, { kind: 'role', role: 'participant', occupants: [ANNA] });
  }
  expect(suspicion.proved).toMatchObject([{ key: 'anna', told: 'participant' }]);
});
