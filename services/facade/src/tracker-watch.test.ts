import { ConferenceError } from '@conference/muc';
import type { WriterReport, WriterStatus } from '@conference/room-store';
import { createSilentLogger } from '@conference/service-runtime';
import { afterEach, describe, expect, test } from '@jest/globals';
import { makeCapabilities, waitUntil } from './facade.fixture.js';
import { TrackerWatch } from './tracker-watch.js';

let watches: TrackerWatch[] = [];

afterEach(async () => {
  await Promise.all(watches.map((watch) => watch.stop()));
  watches = [];
});

/** A watch over a report that the test changes, at a time that the test sets. */
function start() {
  const world = {
    nowMs: 100_000,
    report: undefined as WriterReport | Error | undefined,
    waiting: undefined as WriterStatus | undefined,
    looks: 0,
  };
  const watch = new TrackerWatch({
    logger: createSilentLogger(),
    intervalMs: 2,
    maxAgeMs: 3000,
    now: () => world.nowMs,
    store: {
      mucService: 'a.test',
      readWriterReport: () => {
        world.looks += 1;
        return world.report instanceof Error
          ? Promise.reject(world.report)
          : Promise.resolve(world.report);
      },
      readWaitingReport: () => Promise.resolve(world.waiting),
    },
  });
  watches.push(watch);
  watch.start();
  const looked = async (): Promise<void> => {
    const before = world.looks;
    await waitUntil('a look', () => world.looks >= before + 2);
  };
  return { world, watch, looked };
}

const reportOf = (ageMs: number): WriterReport => ({
  epoch: 1,
  ageMs,
  dependencies: [],
  metrics: 'x 1\n',
});

describe('the watch over the tracker', () => {
  test('a fresh report is no problem', async () => {
    const { world, watch, looked } = start();
    world.report = reportOf(200);
    await looked();
    expect([watch.problem, watch.silentSinceMs]).toEqual([undefined, undefined]);
    expect(watch.report?.metrics).toBe('x 1\n');
  });

  test('an old report counts from when it was made', async () => {
    const { world, watch, looked } = start();
    world.report = reportOf(4000);
    await looked();
    expect(watch.silentSinceMs).toBe(96_000);
    expect(watch.problem).toContain(new Date(96_000).toISOString());
  });

  test('looks at one report at slightly different times give one instant', async () => {
    const { world, watch, looked } = start();
    world.report = reportOf(4000);
    await looked();
    world.nowMs += 100;
    world.report = reportOf(4090);
    await looked();
    expect(watch.silentSinceMs).toBe(96_000);
  });

  test('a tracker that never reported is silent since we watch', async () => {
    const { world, watch, looked } = start();
    await looked();
    expect([watch.problem, watch.silentSinceMs]).toEqual(['it has never reported', undefined]);
    world.nowMs += 3001;
    expect(watch.silentSinceMs).toBe(100_000);
  });

  test('a tracker that may not write tells why, and is no sign of life', async () => {
    const { world, watch, looked } = start();
    const waiting = { dependencies: [{ name: 'xmpp', isReady: false }], metrics: '' };
    world.waiting = waiting;
    await looked();
    expect(watch.waiting).toEqual(waiting);
    expect(watch.problem).toMatch(/right to write/);
    world.nowMs += 3001;
    expect(watch.silentSinceMs).toBe(100_000);
    world.report = reportOf(4000);
    await looked();
    expect([watch.waiting, watch.silentSinceMs]).toEqual([waiting, 103_001 - 4000]);
    world.waiting = undefined;
    await looked();
    expect(watch.problem).toContain(new Date(99_001).toISOString());
  });

  test('what a second tracker says that waits does not count beside a fresh report', async () => {
    const { world, watch, looked } = start();
    world.waiting = { dependencies: [], metrics: '' };
    world.report = reportOf(100);
    await looked();
    expect([watch.waiting, watch.problem]).toEqual([undefined, undefined]);
  });

  test('something written is a sign of life before the next report', async () => {
    const { world, watch, looked } = start();
    world.report = reportOf(2900);
    await looked();
    world.report = reportOf(4000);
    world.nowMs += 1100;
    await looked();
    expect(watch.silentSinceMs).toBe(97_100);
    watch.noteAlive();
    expect([watch.problem, watch.silentSinceMs]).toEqual([undefined, undefined]);
    world.nowMs += 3001;
    expect(watch.silentSinceMs).toBe(101_100);
  });

  test('what was told of the service stays while a later tracker does not know it yet', async () => {
    const { world, watch, looked } = start();
    world.report = reportOf(0);
    await looked();
    expect(watch.capabilities).toBeUndefined();
    const capabilities = makeCapabilities('fed');
    world.report = { ...reportOf(0), capabilities };
    await looked();
    expect(watch.capabilities).toEqual(capabilities);
    world.report = { ...reportOf(0), epoch: 2 };
    await looked();
    expect(watch.capabilities).toEqual(capabilities);
    world.report = { ...reportOf(0), epoch: 2, capabilities: makeCapabilities('joined') };
    await looked();
    expect(watch.capabilities?.following).toBe('joined');
  });

  test('a report that can no longer be read grows old', async () => {
    const { world, watch, looked } = start();
    world.report = reportOf(0);
    await looked();
    world.report = new ConferenceError('store-unavailable', 'Redis is away');
    await looked();
    expect(watch.silentSinceMs).toBeUndefined();
    world.nowMs += 3001;
    expect(watch.silentSinceMs).toBe(100_000);
    world.report = reportOf(10);
    await looked();
    expect([watch.problem, watch.silentSinceMs]).toEqual([undefined, undefined]);
  });
});
