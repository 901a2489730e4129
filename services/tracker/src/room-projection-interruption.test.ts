/** What a projection makes of an interruption: all is read beside what was known. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { applyRoomEvent } from '@conference/muc';
import { eventually } from '../../../test/support/eventually.js';
import { present, ProjectionRig } from '../../../test/support/projection-rig.js';

const ISO_1970 = '1970-01-01T00:00:01.000Z';

let rig: ProjectionRig;

beforeEach(() => {
  rig = new ProjectionRig();
});

describe('an interruption', () => {
  beforeEach(() => {
    rig.projection.adoptStored([]);
    rig.synchronise(rig.read('a'), rig.read('b'), rig.read('c'));
    rig.takeTold();
    rig.nowMs = 2_000_000;
    rig.projection.onInterrupted();
  });

  test('says since when the picture is stale, once', () => {
    rig.nowMs = 3_000_000;
    rig.projection.onInterrupted();
    rig.projection.onInterrupted();
    expect(rig.takeTold()).toEqual(['stale 2000000']);
    expect(rig.projection.isSynchronised).toBe(false);
  });

  test('writes nothing until everything is read, and then the differences', async () => {
    rig.takeTold();
    rig.nowMs = 3_000_000;
    rig.projection.onRoomRead(rig.read('a'));
    rig.projection.onRoomRead(rig.read('b', ['A', 'B']));
    rig.projection.onRoomEvent('a', present('B'));
    rig.projection.onRoomEvent('c', { kind: 'occupant-left', nick: 'A' });
    expect(rig.takeTold()).toEqual([]);
    expect([
      rig.rowOf('a')?.occupants,
      rig.rowOf('b')?.occupants,
      rig.rowOf('c')?.occupants,
    ]).toEqual([1, 1, 1]);
    rig.projection.onRoomRead(rig.read('d'));
    rig.projection.onSynchronised();
    expect(rig.takeTold()).toEqual(['removed c', 'whole a', 'whole b', 'whole d', 'live']);
    expect([rig.rowOf('a')?.occupants, rig.rowOf('b')?.occupants, rig.rowOf('c')]).toEqual([
      2,
      2,
      undefined,
    ]);
    expect(rig.rowOf('a')?.creationDate).toBe('1970-01-01T00:16:40.000Z');
    // What happened in a was told; only b had changed unseen.
    expect(await rig.countDriftedRooms()).toBe(1);
  });

  test('finds no drift where nothing changed', async () => {
    rig.synchronise(rig.read('a'), rig.read('b'), rig.read('c'));
    expect(await rig.countDriftedRooms()).toBe(0);
    expect(rig.rowOf('a')?.modificationDate).toBe('1970-01-01T00:16:40.000Z');
  });

  test('dates a change of the configuration that nobody saw', () => {
    rig.nowMs = 3_000_000;
    const changed = rig.read('a');
    const configuration = { name: 'N', description: '', maxUsers: 0, isPersistent: false };
    applyRoomEvent(changed, { kind: 'configuration-read', configuration }, rig.nowMs);
    rig.synchronise(changed, rig.read('b'), rig.read('c'));
    expect(rig.rowOf('a')?.modificationDate).toBe('1970-01-01T00:50:00.000Z');
    expect(rig.rowOf('b')?.modificationDate).toBe('1970-01-01T00:16:40.000Z');
  });

  test('keeps a room that exists and cannot be read', () => {
    rig.projection.onRoomUnreadable('b');
    rig.takeTold();
    rig.synchronise(rig.read('a'));
    expect(rig.takeTold()).toEqual(['removed c', 'whole a', 'whole b', 'live']);
    expect(rig.rowOf('b')).toMatchObject({ occupants: 1 });
    rig.projection.onRoomGone('b');
    expect(rig.takeTold()).toEqual(['removed b']);
  });

  test('keeps nothing of a room that was unreadable in an earlier connection only', () => {
    rig.projection.onRoomUnreadable('b');
    rig.projection.onInterrupted();
    rig.takeTold();
    rig.synchronise(rig.read('a'));
    expect(rig.takeTold()).toEqual(['removed b', 'removed c', 'whole a', 'live']);
  });

  test('a room that ends and comes again meanwhile is a new room', () => {
    rig.takeTold();
    rig.nowMs = 3_000_000;
    rig.projection.onRoomRead(rig.read('a'));
    rig.projection.onRoomGone('a');
    rig.nowMs = 4_000_000;
    rig.projection.onRoomRead(rig.read('a'));
    rig.synchronise(rig.read('b'), rig.read('c'));
    expect(rig.takeTold()).toEqual(['whole a', 'whole b', 'whole c', 'live']);
    expect(rig.rowOf('a')?.creationDate).toBe('1970-01-01T01:06:40.000Z');
  });

  test('a second one drops what was read during the first', () => {
    rig.projection.onRoomRead(rig.read('x'));
    rig.projection.onInterrupted();
    rig.takeTold();
    rig.synchronise(rig.read('a'), rig.read('b'), rig.read('c'));
    expect(rig.takeTold()).toEqual(['whole a', 'whole b', 'whole c', 'live']);
    expect(rig.rowOf('x')).toBeUndefined();
  });
});

describe('a picture of very many rooms', () => {
  const COUNT = 40_000;
  const names = Array.from({ length: COUNT }, (_, index) => `r${index}`);

  /** Resolves when the picture is live. */
  async function untilLive(): Promise<void> {
    await eventually(() => rig.projection.isSynchronised);
  }

  test('is settled in slices, in which events go on being applied, and rooms come and go', async () => {
    for (const name of names) rig.projection.onRoomRead(rig.read(name));
    rig.projection.onSynchronised();
    const stored = names.map((name) => ({ ...rig.read(name).toRow(), creationDate: ISO_1970 }));
    rig.projection.adoptStored([...stored, rig.read('old').toRow(), rig.read('late').toRow()]);
    expect(rig.projection.isSynchronised).toBe(false);
    rig.projection.onRoomEvent('r7', present('B'));
    rig.projection.onRoomGone('r8');
    rig.projection.onRoomRead(rig.read('late'));
    await untilLive();
    const [removed, whole] = [rig.told.slice(0, 2), rig.told[2]];
    expect(new Set(removed)).toEqual(new Set(['removed old', 'removed r8']));
    expect(whole).toMatch(/^whole r/);
    expect(rig.rowOf('r7')).toMatchObject({ occupants: 2, creationDate: ISO_1970 });
    expect(rig.rowOf('r8')).toBeUndefined();
    expect(rig.rowOf('late')).toBeDefined();
    expect(rig.projection.rooms.occupantCount).toBe(COUNT + 1);
    expect(new Set(names.map((name) => rig.rowOf(name)?.creationDate))).toEqual(
      new Set([ISO_1970, undefined]),
    );
  });

  test('that is interrupted while it is settled is not shown', async () => {
    for (const name of names) rig.projection.onRoomRead(rig.read(name));
    rig.projection.onSynchronised();
    rig.projection.adoptStored(names.map((name) => rig.read(name).toRow()));
    rig.projection.onInterrupted();
    rig.projection.onRoomRead(rig.read('only'));
    rig.projection.onSynchronised();
    await untilLive();
    expect([...rig.projection.rooms.keys()]).toEqual(['only']);
  });
});
