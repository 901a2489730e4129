/** A publisher whose store lost everything, that another writer took over from, or that fails itself. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../../../test/support/eventually.js';
import { PublisherRig, STATUS } from '../../../test/support/publisher-rig.js';

let rig: PublisherRig;
beforeEach(async () => {
  rig = await PublisherRig.create();
});
afterEach(() => rig.publisher.stop(0));

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
