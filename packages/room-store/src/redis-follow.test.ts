/** Who follows for months holds no more than who follows for a minute. */
import { afterEach, expect, jest, test } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type RedisRig, startRedisRig } from './contract/redis-rig.contract.js';
import { put } from './contract/samples.contract.js';

// Real servers on a machine that does other things too.
jest.setTimeout(30_000);

const COMMITS = 40;

let rig: RedisRig;
afterEach(() => rig.stop());

test('a batch is forgotten once it was handed over', async () => {
  rig = await startRedisRig();
  const store = rig.store();
  const writer = await store.openWriter();
  const { cursor } = await store.readSnapshot();
  const stopping = new AbortController();
  const handedOver: WeakRef<object>[] = [];
  await writer.commit({ changes: [put('a', 0)] });
  for await (const batch of store.follow(cursor, stopping.signal)) {
    handedOver.push(new WeakRef(batch));
    if (handedOver.length < COMMITS) {
      await writer.commit({ changes: [put('a', handedOver.length)] });
    } else {
      await collectGarbage();
      // Those of the last read are still in somebody's hands.
      const kept = handedOver.slice(0, -2).filter((each) => each.deref() !== undefined);
      expect(kept).toHaveLength(0);
      stopping.abort();
    }
  }
  expect(handedOver).toHaveLength(COMMITS);
});

/** What a `WeakRef` was made of in this turn of the event loop lives until the next one. */
async function collectGarbage(): Promise<void> {
  await wait(0);
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
}
