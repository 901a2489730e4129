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

describe('a store that lost what was written', () => {
  beforeEach(async () => {
    await rig.start();
    rig.putRoom('a', 2);
    rig.putRoom('b', 1);
    rig.publisher.setPicture({ state: 'live' });
    await rig.untilStored('live');
  });

  test('gets everything again, details too, with the next event', async () => {
    rig.watched.isLost = true;
    rig.rooms.get('a')?.removeOccupant('n0');
    rig.publisher.put('a', false);
    await eventually(() => rig.watched.resets === 1);
    await rig.untilStored('live');
    const { occupants } = (await rig.watched.inner.readRoom('a'))!;
    expect(occupants.map(({ nick }) => nick)).toEqual(['n1']);
    expect((await rig.watched.inner.readRoom('b'))?.occupants).toHaveLength(1);
  });

  test('gets everything again though nothing happens', async () => {
    rig.watched.isLost = true;
    await eventually(() => rig.watched.resets === 1);
    await rig.untilStored('live');
  });

  test('gets everything again when it is away in the middle of that', async () => {
    rig.watched.isLost = true;
    rig.watched.fault = 'store-unavailable';
    rig.publisher.put('a', false);
    const { attempts } = rig.watched;
    await eventually(() => rig.watched.attempts > attempts);
    rig.watched.fault = undefined;
    await eventually(() => rig.watched.resets === 1);
    await rig.untilStored('live');
  });

  test('is not said to be live before the picture is', async () => {
    rig.publisher.setPicture({ state: 'stale', since: '2026-01-01T00:00:00.000Z' });
    await rig.untilStored('stale');
    rig.watched.isLost = true;
    await eventually(() => rig.watched.resets === 1);
    await rig.untilStored('stale');
  });
});

describe('another writer', () => {
  test('ends the writing for good, and that is said once', async () => {
    await rig.start();
    rig.putRoom('a', 1);
    rig.publisher.setPicture({ state: 'live' });
    await rig.untilStored('live');
    await rig.watched.inner.openWriter();
    rig.publisher.put('a', false);
    await eventually(() => rig.publisher.status.state === 'fenced');
    const { attempts } = rig.watched;
    rig.putRoom('b');
    await rig.publisher.report(STATUS);
    rig.publisher.setPicture({ state: 'live' });
    await rig.publisher.stop(1_000);
    expect(rig.watched.attempts).toBe(attempts);
    expect(rig.publisher.status.state).toBe('fenced');
    expect(rig.fencings).toBe(1);
  });
});

describe('a failure of our own', () => {
  test('is said and not taken for another writer, and what had been taken is written', async () => {
    await rig.start();
    rig.putRoom('a');
    const broken = rig.putRoom('b');
    const toRow = broken.toRow.bind(broken);
    let failures = 0;
    broken.toRow = () => {
      failures += 1;
      throw new RangeError('no time');
    };
    rig.publisher.setPicture({ state: 'live' });
    await eventually(() => failures >= 3);
    expect(rig.publisher.status).toEqual({ state: 'waiting', reason: 'no time' });
    expect(rig.fencings).toBe(0);
    broken.toRow = toRow;
    await rig.untilStored('live');
    expect(rig.warnings).toEqual(['writing to the store failed; trying again']);
    expect((await rig.watched.inner.readSnapshot()).rows).toHaveLength(2);
  });

  test('where the stored rows are taken is tried again', async () => {
    let failures = 0;
    rig.onStored = () => {
      failures += 1;
      if (failures < 3) throw new TypeError('null');
    };
    await rig.start();
    expect(rig.fencings).toBe(0);
    expect(rig.warnings).toHaveLength(1);
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
