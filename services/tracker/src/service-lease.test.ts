import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ConferenceError } from '@conference/muc';
import { createMemoryRoomStore } from '@conference/room-store';
import type { RoomStore, RoomWriter } from '@conference/room-store';
import { createSilentLogger } from '@conference/service-runtime';
import type { Logger } from '@conference/service-runtime';
import { eventually, withDeadline } from '../../../test/support/eventually.js';
import { createWatchedLogger } from '../../../test/support/watched-logger.js';
import { ServiceLease } from './service-lease.js';

const LEASE_MS = 300;

let store: RoomStore;
let stop: AbortController;
/** By tracker: how many services it follows. */
let followed: Record<string, number>;
let offlineMs: number;

beforeEach(() => {
  store = createMemoryRoomStore('conference.localhost');
  stop = new AbortController();
  followed = {};
  offlineMs = 0;
});

afterEach(() => stop.abort());

function createLease(
  tracker: string,
  onTrackers: (names: readonly string[]) => void = () => {},
  leaseMs = LEASE_MS,
  logger: Logger = createSilentLogger(),
) {
  return new ServiceLease({
    store,
    tracker,
    instance: `${tracker}-1`,
    leaseMs,
    followed: () => followed[tracker] ?? 0,
    onTrackers,
    logger,
    monotonicMs: () => performance.now(),
  });
}

async function claim(lease: ServiceLease): Promise<RoomWriter> {
  const writer = await withDeadline(lease.claim(stop.signal), 'the claim');
  if (writer === undefined) throw new Error('the claim was given up');
  return writer;
}

const keep = (lease: ServiceLease, writer: RoomWriter) =>
  lease.keep(writer, { signal: stop.signal, offlineMs: () => offlineMs });

/** Counts how often an offline tracker looks how the lease stands. */
function countLooks(): () => number {
  const read = store.readLease.bind(store);
  let looks = 0;
  store.readLease = () => {
    looks += 1;
    return read();
  };
  return () => looks;
}

describe('a lease', () => {
  test('that is free is taken, and kept past its time', async () => {
    const one = createLease('one');
    const writer = await claim(one);
    const kept = keep(one, writer);
    const two = createLease('two');
    const given = new AbortController();
    const waiting = two.claim(given.signal);
    await eventually(() => two.reason.startsWith('one follows it'));
    const begunMs = performance.now();
    await eventually(() => performance.now() - begunMs > 2 * LEASE_MS);
    given.abort();
    expect(await waiting).toBeUndefined();
    stop.abort();
    expect(await kept).toBe('stopped');
  });

  test('that nobody renews is taken by who stands by, and the holder learns it', async () => {
    const one = createLease('one');
    const lost = await claim(one);
    const next = await claim(createLease('two'));
    expect(next.epoch).toBeGreaterThan(lost.epoch);
    expect(await keep(one, lost)).toBe('fenced');
  });

  test('that nobody renews is taken as it ends, and not at the next look after that', async () => {
    await store.openWriter({ tracker: 'one', instance: '1', leaseMs: 50 });
    await claim(createLease('two', undefined, 10 * 60_000));
  });

  test('of an earlier process is taken at once under the same domain, and only once', async () => {
    await store.openWriter({ tracker: 'one', instance: 'earlier', leaseMs: 60_000 });
    const one = createLease('one');
    one.noteAccepted();
    await claim(one);
    await store.openWriter({
      tracker: 'one',
      instance: 'later',
      leaseMs: 60_000,
      isSuccessor: true,
    });
    const again = one.claim(stop.signal);
    await eventually(() => one.reason.startsWith('one follows it'));
    stop.abort();
    expect(await again).toBeUndefined();
  });

  test('tells who the trackers are', async () => {
    const seen = new Set<string>();
    await store.announceTracker({ tracker: 'dead', followed: 0 });
    await claim(createLease('one', (names) => names.forEach((name) => seen.add(name))));
    expect(seen).toEqual(new Set(['dead', 'one']));
  });

  test('is handed on when the connection stays away and another tracker is there', async () => {
    await store.announceTracker({ tracker: 'two', followed: 0 });
    const one = createLease('one', undefined, 4 * LEASE_MS);
    const writer = await claim(one);
    offlineMs = 60_000;
    expect(await withDeadline(keep(one, writer), 'the end')).toBe('unreachable');
  });

  test('is kept while the connection is away where no other tracker is', async () => {
    const one = createLease('one');
    const writer = await claim(one);
    offlineMs = 60_000;
    const kept = keep(one, writer);
    const begunMs = performance.now();
    await eventually(() => performance.now() - begunMs > LEASE_MS);
    stop.abort();
    expect(await kept).toBe('stopped');
  });

  test('is handed on to a tracker that came when the connection had long been away', async () => {
    const one = createLease('one');
    const writer = await claim(one);
    offlineMs = 60_000;
    const looks = countLooks();
    const kept = keep(one, writer);
    await eventually(() => looks() >= 2);
    let end: string | undefined;
    void kept.then((reached) => (end = reached));
    await eventually(async () => {
      await store.announceTracker({ tracker: 'two', followed: 0 });
      return end !== undefined;
    });
    expect(end).toBe('unreachable');
  });

  test('is not handed on to a tracker that died since the connection went away', async () => {
    let nowMs = 1_000_000;
    store = createMemoryRoomStore('conference.localhost', { clock: () => nowMs });
    await store.announceTracker({ tracker: 'two', followed: 0 });
    const one = createLease('one');
    const writer = await claim(one);
    offlineMs = 60_000;
    nowMs += 60_000;
    const looks = countLooks();
    const kept = keep(one, writer);
    await eventually(() => looks() >= 3);
    stop.abort();
    expect(await kept).toBe('stopped');
    // Nor does one that is not connected say that it is there.
    const { trackers } = await store.readLease();
    expect(trackers.map(({ ageMs }) => ageMs)).toEqual([60_000, 60_000]);
  });

  test('that cannot be renewed is warned of once, until it is renewed', async () => {
    const { logger, warnings } = createWatchedLogger();
    const one = createLease('one', undefined, 30, logger);
    const writer = await claim(one);
    const renew = writer.renewLease.bind(writer);
    let renewals = 0;
    let isFailing = true;
    writer.renewLease = async () => {
      renewals += 1;
      if (isFailing) throw new ConferenceError('store-unavailable', 'WRONGTYPE');
      await renew();
    };
    const kept = keep(one, writer);
    const untilRenewed = async () => {
      const before = renewals;
      await eventually(() => renewals >= before + 3);
    };
    await untilRenewed();
    expect(warnings).toEqual(['the lease could not be renewed; trying again']);
    isFailing = false;
    await untilRenewed();
    isFailing = true;
    await untilRenewed();
    expect(warnings).toHaveLength(2);
    stop.abort();
    expect(await kept).toBe('stopped');
  });

  test('is left for a while to the writer of a store that lost everything', async () => {
    const waiting = createLease('two');
    const holder = await store.openWriter({ tracker: 'one', instance: '1', leaseMs: 60_000 });
    expect(holder.epoch).toBe(1);
    const claimed = waiting.claim(stop.signal);
    await eventually(() => waiting.reason.startsWith('one follows it'));
    const real = store;
    let isLost = true;
    const announce = real.announceTracker.bind(real);
    real.announceTracker = async (tracker) => {
      const view = await announce(tracker);
      return isLost ? { ...view, holder: undefined, epoch: 0 } : view;
    };
    await eventually(() => waiting.reason.startsWith('the store has lost everything'));
    isLost = false;
    await eventually(() => waiting.reason.startsWith('one follows it'));
    stop.abort();
    expect(await claimed).toBeUndefined();
  });
});
