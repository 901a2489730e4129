/** The MUC server stops, dies or hangs: an outage never becomes data. */
import { afterAll, beforeAll, test } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { onEachBackend } from '../backends/all-backends.js';
import { eventually } from '../support/eventually.js';
import { readUnreadyReasons } from '../support/readiness.js';
import { expectFrozenWhileStale, expectServed, expectStill } from './expectations.js';
import { FaultRig } from './fault-rig.js';

/** So long that the pause between two attempts to connect has grown as long as it gets. */
const AWAY_MS = 4_000;
const XMPP_SERVER = 'tracker: XMPP server';

onEachBackend((backend) => {
  let rig: FaultRig;

  beforeAll(async () => {
    rig = await FaultRig.start(backend);
  });

  afterAll(() => rig.stop());

  // The fault's end is when the server's ports accept again.
  test('SIGTERM, and a start', async () => {
    const { during, after } = await rig.strike('MUC server: SIGTERM', async () => {
      await rig.stack.server.shutDown();
      await rig.linger(() => Promise.all([expectAway(), wait(AWAY_MS)]));
      await rig.stack.server.start();
    });
    expectServed([...during, ...after]);
    expectStill(during, rig.still.rows);
    expectFrozenWhileStale(during);
  });

  test('kill -9, and a start', async () => {
    const { during, after } = await rig.strike('MUC server: kill -9', async () => {
      await rig.stack.server.kill();
      await rig.linger(expectAway);
      await rig.stack.server.start();
    });
    expectServed([...during, ...after]);
    expectStill(during, rig.still.rows);
    expectFrozenWhileStale(during);
  });

  test('hangs for 20 s', async () => {
    const { during, after } = await rig.strike('MUC server: SIGSTOP 20 s', () =>
      rig.hang(rig.stack.server, expectAway),
    );
    expectServed([...during, ...after]);
    expectStill([...during, ...after], rig.still.rows);
    expectFrozenWhileStale(during);
  });

  async function expectAway(): Promise<void> {
    await rig.untilStale();
    await eventually(
      () => readUnreadyReasons(rig.stack),
      (reasons) => reasons.some(({ field, message }) => field === XMPP_SERVER && message !== ''),
      { timeoutMs: 20_000, what: 'readiness to say why' },
    );
  }
});
