/** A facade dies: the other one goes on, and after its restart both say the same. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { onEachBackend } from '../backends/all-backends.js';
import { eventually } from '../support/eventually.js';
import type { StackFacade } from '../support/stack.js';
import { expectServed, expectStill } from './expectations.js';
import { FaultRig } from './fault-rig.js';

onEachBackend((backend) => {
  let rig: FaultRig;
  let other: StackFacade;

  beforeAll(async () => {
    rig = await FaultRig.start(backend, { facades: 2 });
    const [, second] = rig.stack.facades;
    if (second === undefined) throw new Error('there is one facade only');
    other = second;
  });

  afterAll(() => rig.stop());

  // The fault's end is the start of the process.
  test('kill -9 of one of two, and a start', async () => {
    const { during, after } = await rig.strike('facade: kill -9 of the other', async () => {
      await other.process.kill();
      await rig.traffic.go(30);
      other.process.start();
    });
    expectServed([...during, ...after]);
    expectStill([...during, ...after], rig.still.rows);
    expect([...during, ...after].filter(({ staleSince }) => staleSince !== null)).toEqual([]);
    await eventually(
      async () => (await readList(other)).etag,
      (etag) => etag === rig.watch.last?.etag,
      { what: 'the ETag of the other facade' },
    );
  });

  test('kill -9 of the one that is asked, and a start: the same ETag for the same list', async () => {
    const { during, after } = await rig.strike('facade: kill -9', async () => {
      await rig.stack.facade.kill();
      expect((await readList(other)).status).toBe(200);
      rig.stack.facade.start();
    });
    // While it is away nobody answers; while it reads it says that it does; never a part of a list.
    for (const { status } of [...during, ...after]) expect([0, 200, 503]).toContain(status);
    const served = [...during, ...after].filter(({ status }) => status === 200);
    expectStill(served, rig.still.rows);
    expect((await readList(other)).etag).toBe(rig.watch.last?.etag);
  });

  async function readList({ url }: StackFacade): Promise<{ status: number; etag: string | null }> {
    const { status, headers } = await rig.stack.fetch('/v1/conference.json', url);
    return { status, etag: headers.get('etag') };
  }
});
