/** The tracker dies or hangs: the last list is served, marked; nothing that is known gets lost. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { onEachBackend } from '../backends/all-backends.js';
import { expectServed, expectStill } from './expectations.js';
import { FaultRig } from './fault-rig.js';

onEachBackend((backend) => {
  let rig: FaultRig;

  beforeAll(async () => {
    rig = await FaultRig.start(backend);
  });

  afterAll(() => rig.stop());

  test('kill -9, and a start', async () => {
    const { during, after } = await rig.strike('tracker: kill -9', async () => {
      await rig.stack.tracker.kill();
      await rig.linger(() => rig.untilStale());
      rig.stack.tracker.start();
    });
    expectServed([...during, ...after]);
    expectStill([...during, ...after], rig.still.rows);
    expect(during.at(-1)?.staleSince).not.toBeNull();
  });

  test('hangs for 20 s', async () => {
    const { during, after } = await rig.strike('tracker: SIGSTOP 20 s', () =>
      rig.hang(rig.stack.tracker),
    );
    expectServed([...during, ...after]);
    expectStill([...during, ...after], rig.still.rows);
    expect(during.at(-1)?.staleSince).not.toBeNull();
  });
});
