import { describe, expect, test } from '@jest/globals';
import { ShareNext } from './share-next.js';

/** Work that ends when the test says so. */
function startWork() {
  const ends: (() => void)[] = [];
  const fails: ((error: Error) => void)[] = [];
  const shared = new ShareNext(
    () =>
      new Promise<number>((resolve, reject) => {
        const number = ends.length;
        ends.push(() => resolve(number));
        fails.push(reject);
      }),
  );
  return { ends, fails, shared };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('shared work', () => {
  test('that was under way before the asking is not what is got', async () => {
    const { ends, shared } = startWork();
    const first = shared.run();
    const others = [shared.run(), shared.run()];
    expect(ends).toHaveLength(1);
    ends[0]?.();
    expect(await first).toBe(0);
    await settle();
    expect(ends).toHaveLength(2);
    ends[1]?.();
    expect(await Promise.all(others)).toEqual([1, 1]);
    const last = shared.run();
    ends[2]?.();
    expect(await last).toBe(2);
  });

  test('that failed fails for those who asked for it alone', async () => {
    const { ends, fails, shared } = startWork();
    const first = shared.run();
    const second = shared.run();
    fails[0]?.(new Error('no memory'));
    await expect(first).rejects.toThrow('no memory');
    await settle();
    ends[1]?.();
    expect(await second).toBe(1);
  });
});
