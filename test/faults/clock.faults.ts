/** The tracker's clock is set: what it has dated stays as it was, and nothing else hangs on it. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { onEachBackend } from '../backends/all-backends.js';
import { FakeClock } from '../servers/fake-clock.js';
import { eventually } from '../support/eventually.js';
import { expectServed, expectStill } from './expectations.js';
import { FaultRig } from './fault-rig.js';
import type { SeenList } from './list-watch.js';

const HOUR_SECONDS = 3_600;
/** Longer than a departure is in doubt, and than a report counts, in ms. */
const SETTLED_MS = 4_000;

onEachBackend((backend) => {
  let rig: FaultRig;
  let clock: FakeClock;

  beforeAll(async () => {
    clock = new FakeClock();
    rig = await FaultRig.start(backend, { trackerEnvironment: clock.environment });
  });

  afterAll(async () => {
    await rig.stop();
    clock.remove();
  });

  // The fault's end is some traffic after the clock was set; it stays wrong.
  test('set forward an hour', () => setClock('clock: forward an hour', HOUR_SECONDS));

  test('set back to an hour before the true time', () =>
    setClock('clock: back two hours', -HOUR_SECONDS));

  test('set back, and then the link is cut: nobody who left before is counted again', async () => {
    clock.set(HOUR_SECONDS);
    await rig.still.stand();
    const roomJid = rig.watchRoom('left-before');
    const [owner, guest] = [await rig.connect('sten'), await rig.connect('stig')];
    await owner.join(roomJid, 'owner');
    await guest.join(roomJid, 'guest');
    await rig.stack.waitForRow('left-before', ({ occupants }) => occupants === 2);
    guest.abort();
    await rig.stack.waitForRow('left-before', ({ occupants }) => occupants === 1);
    const { during, after } = await rig.strike('clock: back, link cut', async () => {
      clock.set(-HOUR_SECONDS);
      await rig.linger(() => wait(SETTLED_MS));
      rig.stack.link.refuse();
      await rig.linger(async () => {
        await rig.untilStale();
        await wait(1_000);
      });
      rig.stack.link.accept();
    });
    expectServed([...during, ...after]);
    expectStill([...during, ...after], rig.still.rows);
    for (const { rows } of during) expect(rows.get('left-before')?.occupants).toBe(1);
    expectSaneDates([...during, ...after]);
    await owner.disconnect();
  });

  test('set forward, and then the link is cut, and the tracker killed: what it dated is believed', async () => {
    const { during, after } = await rig.strike(
      'clock: forward, link cut, tracker kill -9',
      async () => {
        clock.set(HOUR_SECONDS);
        await rig.traffic.go(60);
        rig.stack.link.refuse();
        await rig.untilStale();
        rig.stack.link.accept();
        await rig.stack.tracker.kill();
        await rig.linger(() => rig.untilStale());
        rig.stack.tracker.start();
      },
    );
    expectServed([...during, ...after]);
    expectStill([...during, ...after], rig.still.rows);
    expectSaneDates([...during, ...after]);
  });

  test('set right again', () => setClock('clock: set right', 0));

  async function setClock(name: string, offsetSeconds: number): Promise<void> {
    const { during, after } = await rig.strike(name, async () => {
      clock.set(offsetSeconds);
      await rig.linger(() => Promise.all([rig.traffic.go(60), wait(SETTLED_MS)]));
    });
    expectServed([...during, ...after]);
    expectStill([...during, ...after], rig.still.rows);
    expect([...during, ...after].filter(({ staleSince }) => staleSince !== null)).toEqual([]);
    expectSaneDates([...during, ...after]);
    await eventually(
      async () => (await rig.stack.fetch('/readyz')).status,
      (status) => status === 200,
      { what: 'readiness' },
    );
  }

  function expectSaneDates(answers: readonly SeenList[]): void {
    for (const { staleSince } of answers) {
      // Nothing is stale since a moment to come.
      if (staleSince !== null) expect(Date.parse(staleSince)).toBeLessThanOrEqual(Date.now());
    }
    for (const rows of new Set(answers.map((answer) => answer.rows))) {
      for (const { creationDate, modificationDate, emptyDate } of rows.values()) {
        expect(modificationDate >= creationDate).toBe(true);
        expect((emptyDate ?? creationDate) >= creationDate).toBe(true);
      }
    }
  }
});
