import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Room } from '@conference/muc';
import { eventually, withDeadline } from '../../../test/support/eventually.js';
import { PublisherRig, STATUS } from '../../../test/support/publisher-rig.js';

let rig: PublisherRig;
beforeEach(async () => {
  rig = await PublisherRig.create();
});
afterEach(() => rig.publisher.stop(0));

describe('writing', () => {
  test('begins with what the store holds', async () => {
    const row = new Room('old', 0).toRow();
    const after = await PublisherRig.create((writer) =>
      writer.commit({ changes: [{ kind: 'put', row }], picture: { state: 'live' } }),
    );
    expect(after.publisher.status).toMatchObject({ state: 'waiting' });
    await after.start();
    expect(after.storedRows).toEqual([[row]]);
    expect((await after.watched.inner.readSnapshot()).picture.state).toBe('stale');
    await after.publisher.stop(0);
  });

  test('makes few commits of many events', async () => {
    await rig.start();
    const room = rig.putRoom('a');
    for (let i = 0; i < 1_000; i += 1) {
      room.putOccupant({ nick: `n${i}`, role: 'visitor', affiliation: 'none' });
      rig.publisher.put('a', false);
    }
    rig.publisher.setPicture({ state: 'live' });
    await rig.untilStored('live');
    expect(rig.watched.commits.flatMap((commit) => commit.changes)).toHaveLength(1);
  });

  test('cuts a large picture into commits and says that it is live with the last', async () => {
    await rig.start();
    for (let i = 0; i < 1_201; i += 1) rig.putRoom(`r${i}`);
    rig.publisher.setPicture({ state: 'live' });
    await rig.untilStored('live');
    const written = rig.watched.commits.filter(({ changes }) => changes.length > 0);
    expect(written.map(({ changes }) => changes.length)).toEqual([500, 500, 201]);
    expect(written.map(({ picture }) => picture?.state)).toEqual([undefined, undefined, 'live']);
  });

  test('removes', async () => {
    await rig.start();
    rig.putRoom('a');
    rig.putRoom('b');
    rig.publisher.setPicture({ state: 'live' });
    await rig.untilStored('live');
    rig.rooms.delete('a');
    rig.publisher.remove('a');
    await rig.untilStored('live');
    expect(await rig.watched.inner.readRoom('a')).toBeUndefined();
  });

  test('writes nothing while nothing happens', async () => {
    await rig.start();
    rig.putRoom('a');
    await rig.untilStored('loading');
    const { cursor } = await rig.watched.inner.readSnapshot();
    const commits = rig.watched.commits.length;
    // An empty commit looks whether the store still holds all.
    await eventually(() => rig.watched.commits.length > commits);
    expect((await rig.watched.inner.readSnapshot()).cursor).toEqual(cursor);
  });
});

describe('a store that is away', () => {
  test('at the start is waited for', async () => {
    rig.watched.fault = 'store-unavailable';
    rig.publisher.start();
    rig.putRoom('a', 3);
    await eventually(() => rig.watched.attempts >= 3);
    expect(rig.publisher.status).toEqual({ state: 'waiting', reason: 'the store is away' });
    rig.onStored = () => {
      rig.putRoom('a', 4);
      rig.publisher.setPicture({ state: 'live' });
    };
    rig.watched.fault = undefined;
    await rig.untilStored('live');
    expect(rig.publisher.status.state).toBe('writing');
  });

  test('for a while loses nothing of what happened before and meanwhile', async () => {
    await rig.start();
    rig.putRoom('a', 2);
    rig.putRoom('b', 2);
    rig.publisher.setPicture({ state: 'live' });
    await rig.untilStored('live');
    rig.watched.fault = 'store-unavailable';
    rig.rooms.get('a')?.removeOccupant('n0');
    rig.publisher.put('a', false);
    const attempts = rig.watched.attempts;
    await eventually(() => rig.watched.attempts >= attempts + 2);
    expect(rig.publisher.status.state).toBe('waiting');
    rig.rooms.get('a')?.removeOccupant('n1');
    rig.publisher.put('a', false);
    rig.rooms.delete('b');
    rig.publisher.remove('b');
    rig.putRoom('c', 1);
    rig.watched.fault = undefined;
    await rig.untilStored('live');
    expect(rig.publisher.status.state).toBe('writing');
    expect((await rig.watched.inner.readRoom('a'))?.occupants).toEqual([]);
    expect(rig.watched.resets).toBe(0);
  });

  test('makes no failure of a report', async () => {
    await rig.start();
    rig.watched.fault = 'store-unavailable';
    await rig.publisher.report(STATUS);
    expect(await rig.watched.inner.readWriterReport()).toBeUndefined();
    rig.watched.fault = undefined;
    await rig.publisher.report(STATUS);
    expect(await rig.watched.inner.readWriterReport()).toMatchObject(STATUS);
  });
});

describe('reports', () => {
  test('that get lost are warned of, once each time', async () => {
    await rig.start();
    await rig.publisher.report(STATUS);
    for (let outages = 1; outages <= 2; outages += 1) {
      rig.watched.isReadOnly = true;
      await rig.publisher.report(STATUS);
      await rig.publisher.report(STATUS);
      expect(rig.warnings).toEqual(Array(outages).fill('reporting to the store failed'));
      rig.watched.isReadOnly = false;
      await rig.publisher.report(STATUS);
    }
  });

  test('that have never reached the store are warned of too', async () => {
    await rig.publisher.report(STATUS);
    rig.watched.isReadOnly = true;
    await rig.start();
    await rig.publisher.report(STATUS);
    await rig.publisher.report(STATUS);
    expect(rig.warnings).toEqual(['reporting to the store failed']);
  });

  test('are made while the right to write is held', async () => {
    await rig.start();
    await rig.publisher.report({ ...STATUS, metrics: 'writing' });
    expect(await rig.watched.inner.readWriterReport()).toMatchObject({ metrics: 'writing' });
    await rig.watched.inner.openWriter();
    rig.publisher.put('a', false);
    await eventually(() => rig.publisher.status.state === 'fenced');
    await rig.publisher.report({ ...STATUS, metrics: 'fenced' });
    expect(await rig.watched.inner.readWriterReport()).toMatchObject({ metrics: 'writing' });
  });

  test('are due at once with the right to write, a picture, and a store begun anew', async () => {
    await rig.start();
    expect(rig.dueReports).toBe(1);
    rig.putRoom('a');
    await rig.untilStored('loading');
    expect(rig.dueReports).toBe(1);
    rig.publisher.setPicture({ state: 'live' });
    await eventually(() => rig.dueReports === 2);
    await rig.untilStored('live');
    rig.watched.isLost = true;
    rig.publisher.put('a', false);
    await eventually(() => rig.dueReports === 4);
    expect(rig.watched.resets).toBe(1);
  });
});

describe('a stop', () => {
  test('writes what is queued', async () => {
    await rig.start();
    for (let i = 0; i < 600; i += 1) rig.putRoom(`r${i}`);
    rig.publisher.setPicture({ state: 'stale', since: '2026-01-01T00:00:00.000Z' });
    await withDeadline(rig.publisher.stop(5_000), 'the drain');
    const { rows, picture } = await rig.watched.inner.readSnapshot();
    expect(rows).toHaveLength(600);
    expect(picture.state).toBe('stale');
  });

  test('while the store is away ends by its deadline', async () => {
    await rig.start();
    rig.watched.fault = 'store-unavailable';
    rig.putRoom('a');
    await eventually(() => rig.publisher.status.state === 'waiting');
    await withDeadline(rig.publisher.stop(50), 'the deadline', 5_000);
    expect((await rig.watched.inner.readSnapshot()).rows).toEqual([]);
  });

  test('before anything was begun, and twice, ends at once', async () => {
    await withDeadline(rig.publisher.stop(5_000), 'the stop', 1_000);
    await withDeadline(rig.publisher.stop(5_000), 'the second stop', 1_000);
    expect(rig.watched.attempts).toBe(0);
  });

  test('is the end: nothing is written afterwards', async () => {
    await rig.start();
    await rig.publisher.stop(5_000);
    const { attempts } = rig.watched;
    rig.putRoom('a');
    rig.publisher.start();
    await rig.publisher.stop(5_000);
    expect(rig.watched.attempts).toBe(attempts);
  });
});
