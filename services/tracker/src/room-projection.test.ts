import { beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../../../test/support/eventually.js';
import { present, ProjectionRig } from '../../../test/support/projection-rig.js';

let rig: ProjectionRig;

beforeEach(() => {
  rig = new ProjectionRig();
});

describe('the first picture', () => {
  test('is told only when everything is read and the store has been seen, in either order', () => {
    rig.projection.onRoomRead(rig.read('a'));
    rig.projection.onRoomEvent('a', present('B'));
    rig.projection.onSynchronised();
    expect(rig.takeTold()).toEqual([]);
    expect(rig.projection.isSynchronised).toBe(false);
    rig.projection.adoptStored([]);
    expect(rig.takeTold()).toEqual(['whole a', 'live']);
    expect(rig.projection.isSynchronised).toBe(true);
    expect(rig.rowOf('a')).toMatchObject({ occupants: 2 });
  });

  test('of a service without rooms is a picture too', () => {
    rig.projection.adoptStored([]);
    expect(rig.takeTold()).toEqual([]);
    rig.projection.onSynchronised();
    expect(rig.takeTold()).toEqual(['live']);
  });

  test('takes the dates of stored rows, and removes what is stored and no longer there', () => {
    const stored = rig.read('a');
    stored.creationMs = 1_000;
    stored.modificationMs = 2_000;
    rig.projection.adoptStored([stored.toRow(), rig.read('old').toRow()]);
    rig.synchronise(rig.read('a'), rig.read('new'));
    expect(rig.takeTold()).toEqual(['removed old', 'whole a', 'whole new', 'live']);
    expect(rig.rowOf('a')).toMatchObject({
      creationDate: '1970-01-01T00:00:01.000Z',
      modificationDate: '1970-01-01T00:00:02.000Z',
    });
    expect(rig.rowOf('new')?.creationDate).toBe('1970-01-01T00:16:40.000Z');
  });

  test('writes rooms anew whose stored rows are none, and removes those that are no longer there', () => {
    rig.projection.adoptStored([], ['a', 'old', 'hidden']);
    rig.projection.onRoomUnreadable('hidden');
    rig.synchronise(rig.read('a'));
    expect(rig.takeTold()).toEqual(['removed old', 'removed hidden', 'whole a', 'live']);
  });

  test('that cannot be put together is said, and never told as whole', async () => {
    const row = { ...rig.read('a').toRow(), creationDate: 'never' };
    rig.synchronise(rig.read('a'));
    rig.projection.adoptStored([row]);
    await eventually(
      () => rig.projection.trouble?.reason.startsWith('the rooms could not') === true,
    );
    expect(rig.takeTold()).toEqual([]);
  });

  test('keeps since when a stored room is empty', () => {
    const stored = rig.read('a', []);
    rig.nowMs += 5_000;
    rig.projection.adoptStored([stored.toRow()]);
    rig.synchronise(rig.read('a', []));
    expect(rig.rowOf('a')?.emptyDate).toBe('1970-01-01T00:16:40.000Z');
  });
});

describe('while synchronised', () => {
  beforeEach(() => {
    rig.projection.adoptStored([]);
    rig.synchronise(rig.read('a'));
    rig.takeTold();
  });

  test('an event changes its room, and only what changed is written', () => {
    rig.projection.onRoomEvent('a', present('B'));
    expect(rig.takeTold()).toEqual(['changed a']);
    expect(rig.rowOf('a')).toMatchObject({ occupants: 2 });
  });

  test('an event of an unknown room is nothing', () => {
    rig.projection.onRoomEvent('x', present('B'));
    expect(rig.takeTold()).toEqual([]);
  });

  test('a room that is read again is written whole and keeps its dates', () => {
    rig.nowMs += 10_000;
    rig.projection.onRoomRead(rig.read('a', ['C', 'D']));
    expect(rig.takeTold()).toEqual(['whole a']);
    expect(rig.rowOf('a')).toMatchObject({
      occupants: 2,
      creationDate: '1970-01-01T00:16:40.000Z',
    });
  });

  test('a room that is gone is removed once, and a later one of its name is new', () => {
    rig.projection.onRoomGone('a');
    rig.projection.onRoomGone('a');
    rig.projection.onRoomGone('never seen');
    expect(rig.takeTold()).toEqual(['removed a']);
    rig.nowMs += 10_000;
    rig.projection.onRoomRead(rig.read('a'));
    expect(rig.takeTold()).toEqual(['whole a']);
    expect(rig.rowOf('a')?.creationDate).toBe('1970-01-01T00:16:50.000Z');
  });

  test('a room that cannot be read any more stays as it was known', () => {
    rig.projection.onRoomUnreadable('a');
    expect(rig.takeTold()).toEqual([]);
    expect(rig.rowOf('a')).toMatchObject({ occupants: 1 });
  });
});

describe('stored rows of rooms that could not be read', () => {
  beforeEach(() => {
    const stored = rig.read('a');
    stored.creationMs = 1_000;
    stored.modificationMs = 1_000;
    rig.projection.adoptStored([stored.toRow()]);
    rig.projection.onRoomUnreadable('a');
    rig.projection.onSynchronised();
  });

  test('stay stored', () => {
    expect(rig.takeTold()).toEqual(['live']);
  });

  test('give their dates to the room when it can be read', () => {
    rig.takeTold();
    rig.projection.onRoomRead(rig.read('a'));
    expect(rig.takeTold()).toEqual(['whole a']);
    expect(rig.rowOf('a')?.creationDate).toBe('1970-01-01T00:00:01.000Z');
  });

  test('are removed when the room turns out to be gone, and then forgotten', () => {
    rig.takeTold();
    rig.projection.onRoomGone('a');
    expect(rig.takeTold()).toEqual(['removed a']);
    rig.nowMs += 1_000;
    rig.projection.onRoomRead(rig.read('a'));
    expect(rig.rowOf('a')?.creationDate).toBe('1970-01-01T00:16:41.000Z');
  });
});

describe('since when it is followed', () => {
  test('counts from when everything had been read, not from when the store took it', () => {
    rig.nowMs = 2_000;
    rig.synchronise(rig.read('a'));
    rig.nowMs = 3_000;
    rig.projection.adoptStored([]);
    expect(rig.followedSinceMs).toBe(2_000);
  });

  test('begins anew after an interruption', () => {
    rig.projection.adoptStored([]);
    rig.nowMs = 2_000;
    rig.synchronise(rig.read('a'));
    expect(rig.followedSinceMs).toBe(2_000);
    rig.projection.onInterrupted();
    rig.nowMs = 4_000;
    rig.synchronise(rig.read('a'));
    expect(rig.followedSinceMs).toBe(4_000);
  });
});
