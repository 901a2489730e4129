/** What a projection takes back when the link goes: departures that the stop may have made up. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { RoomRow } from '@conference/muc';
import { present, ProjectionRig } from '../../../test/support/projection-rig.js';
import { DOUBT_MS } from './doubtful-departures.js';

let rig: ProjectionRig;

beforeEach(() => {
  rig = new ProjectionRig();
});

describe('a link that goes moments after departures in doubt', () => {
  function leave(roomId: string, nick: string): void {
    rig.projection.onDoubtfulDeparture(roomId, nick);
    rig.projection.onRoomEvent(roomId, { kind: 'occupant-left', nick });
  }

  function rows(): (RoomRow | undefined)[] {
    return ['a', 'b'].map((roomId) => rig.projection.rooms.get(roomId)?.toRow());
  }

  beforeEach(() => {
    rig.projection.adoptStored([]);
    rig.synchronise(rig.read('a', ['A', 'B']), rig.read('b'));
    rig.takeTold();
  });

  test('takes them back, an emptiness and its date too, before all is stale', () => {
    const before = rows();
    rig.nowMs += 100;
    leave('a', 'A');
    leave('a', 'B');
    leave('b', 'A');
    expect(rows().map((row) => row?.emptyDate === undefined)).toEqual([false, false]);
    rig.takeTold();
    rig.nowMs += DOUBT_MS;
    rig.projection.onLinkLost();
    expect(rows()).toEqual(before);
    expect(rig.takeTold()).toEqual(['changed b', 'changed a', 'changed a', `stale ${rig.nowMs}`]);
  });

  test('brings back a temporary room that ended with them', () => {
    const before = rows();
    rig.projection.onDoubtfulDeparture('b', 'A');
    rig.projection.onRoomGone('b');
    rig.takeTold();
    rig.projection.onLinkLost();
    expect(rows()).toEqual(before);
    expect(rig.takeTold()).toEqual(['whole b', `stale ${rig.nowMs}`]);
  });

  test('takes back none that is older, nor one that was no doubt', () => {
    leave('b', 'A');
    rig.nowMs += DOUBT_MS + 1;
    rig.projection.onRoomEvent('a', { kind: 'occupant-left', nick: 'A' });
    rig.projection.onLinkLost();
    expect(rows().map((row) => row?.occupants)).toEqual([1, 0]);
  });

  test('takes back none that is older though the clock was set back meanwhile', () => {
    leave('b', 'A');
    rig.nowMs -= DOUBT_MS;
    rig.setBackMs = 2 * DOUBT_MS + 1;
    rig.projection.onLinkLost();
    expect(rows().map((row) => row?.occupants)).toEqual([2, 0]);
  });

  test('leaves alone who has taken the nick, and a room that was read again', () => {
    leave('a', 'A');
    rig.projection.onRoomEvent('a', present('A'));
    leave('b', 'A');
    const again = rig.read('b', []);
    rig.projection.onRoomRead(again);
    rig.takeTold();
    rig.projection.onLinkLost();
    expect(rows().map((row) => row?.occupants)).toEqual([2, 0]);
    expect(rig.takeTold()).toEqual([`stale ${rig.nowMs}`]);
  });

  test('takes nothing back a second time', () => {
    leave('b', 'A');
    rig.projection.onLinkLost();
    rig.takeTold();
    rig.projection.onLinkLost();
    expect(rig.takeTold()).toEqual([]);
  });
});
