/** Of two trackers the one that follows dies, hangs or stops: the other goes on where it was. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createRedisRoomStore, type RoomStore } from '@conference/room-store';
import { createSilentLogger } from '@conference/service-runtime';
import { onEachBackend } from '../backends/all-backends.js';
import { eventually } from '../support/eventually.js';
import { readHolder, untilAnnounced, untilFollowedBy } from '../support/lease-view.js';
import type { ServiceProcess } from '../support/service-process.js';
import { expectServed, expectStill } from './expectations.js';
import { FaultRig } from './fault-rig.js';
import { StreamWatch } from './stream-watch.js';
import { WriteWatch } from './write-watch.js';

/** The longest from a tracker's death to the true list, in ms. */
const TAKEOVER_LIMIT_MS = 5_000;

interface Tracker {
  readonly domain: string;
  readonly process: ServiceProcess;
}

onEachBackend((backend) => {
  let rig: FaultRig;
  let store: RoomStore;
  let following: Tracker;
  let standing: Tracker;
  let stream: StreamWatch;

  beforeAll(async () => {
    rig = await FaultRig.start(backend, { standbyTrackers: 1 });
    const { server, tracker, standbys, redis } = rig.stack;
    store = createRedisRoomStore({
      redisUrl: redis.url,
      keyPrefix: 'conference',
      mucService: server.mucService,
      logger: createSilentLogger(),
    });
    const [address] = server.standbyTrackers;
    const [standby] = standbys;
    if (address === undefined || standby === undefined) throw new Error('nobody can stand by');
    following = { domain: server.trackerDomain, process: tracker };
    standing = { domain: address.domain, process: standby };
    standing.process.start();
  });

  afterAll(async () => {
    await rig.stop();
    await store.close();
  });

  beforeEach(async () => {
    if ((await readHolder(store)) === standing.domain) {
      [following, standing] = [standing, following];
    }
    await untilAnnounced(store, standing.domain);
    await rig.still.stand();
    stream = await StreamWatch.begin(store, rig.still.roomIds);
  });

  afterEach(() => stream.stop());

  // The fault's end is the end of the dead one's lease.
  test('kill -9 of the one that follows', async () => {
    let killedMs = 0;
    const { trueAtMs } = await strike('takeover: kill -9', async () => {
      killedMs = performance.now();
      await following.process.kill();
      await eventually(
        () => readHolder(store),
        (holder) => holder !== following.domain,
        { what: "the lease's end" },
      );
    });
    expect(trueAtMs - killedMs).toBeLessThanOrEqual(TAKEOVER_LIMIT_MS);
    following.process.start();
  });

  // The fault's end is when the one that hung wakes.
  test('the one that follows hangs for 20 s', async () => {
    const { mucService } = rig.stack.server;
    const writes = await WriteWatch.begin(rig.stack.redis.url, `conference:{${mucService}}:meta`);
    try {
      await strike('takeover: SIGSTOP 20 s', async () => {
        await rig.hang(following.process, async () => {
          await untilFollowedBy(store, standing.domain);
          const { written, attempts } = writes;
          expect({ written: written.length > 0, attempts: attempts > 0 }).toEqual({
            written: true,
            attempts: true,
          });
          written.length = 0;
          writes.attempts = 0;
        });
      });
      // It has tried, and it was refused.
      await eventually(() => writes.attempts > 0, Boolean, { what: 'the woken one to try' });
      expect(writes.written).toEqual([]);
    } finally {
      writes.stop();
    }
  });

  // The fault's end is the end of the process.
  test('SIGTERM of the one that follows', async () => {
    await strike('takeover: SIGTERM', async () => {
      expect(await following.process.stop()).toBe(0);
    });
    following.process.start();
  });

  async function strike(name: string, fault: () => Promise<void>): ReturnType<FaultRig['strike']> {
    const seen = await rig.strike(name, fault);
    expectServed([...seen.during, ...seen.after]);
    expectStill([...seen.during, ...seen.after], rig.still.rows);
    expect(await readHolder(store)).toBe(standing.domain);
    await stream.expectWhole();
    expect(stream.mistakes).toEqual([]);
    return seen;
  }
});
