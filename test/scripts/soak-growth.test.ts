/** How a soak is judged, run as it is: plain Node. */
import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';

const SCRIPT = new URL('../../scripts/soak-growth.mjs', import.meta.url).href;
const CALL = `import { compareGrowth } from '${SCRIPT}';
  process.stdout.write(JSON.stringify(compareGrowth(JSON.parse(process.argv[1]))));`;

interface Row {
  readonly name: string;
  readonly growth: number;
  readonly isPassed?: boolean;
}

/** The rows of a run in which the tracker holds so much more in each minute, as a share. */
function judge(minutes: number, growthPerMinute: number): Row[] {
  const samples = Array.from({ length: minutes * 6 }, (_, index) => {
    const atMinutes = (index + 1) / 6;
    const service = {
      holdingBytes: 16e6,
      codeBytes: 1e6,
      rssBytes: 9e7,
      files: index % 2 === 0 ? 22 : 25,
      resources: 10,
      threads: 11,
    };
    const held = { ...service, holdingBytes: 16e6 * (1 + growthPerMinute * atMinutes) };
    const redis = { usedBytes: 8e6, streamBytes: 7e6, streamChanges: 2e4, keys: 150, clients: 4 };
    return { atMinutes, tracker: held, facade: service, redis, lagsMs: [10, 11, 12] };
  });
  const text = execFileSync(
    process.execPath,
    ['--input-type=module', '--eval', CALL, '--', JSON.stringify(samples)],
    { encoding: 'utf8' },
  );
  return JSON.parse(text) as Row[];
}

test('what does not grow passes, what comes and goes included', () => {
  const rows = judge(30, 0);
  expect(rows.length).toBeGreaterThan(10);
  expect(rows.filter(({ isPassed }) => isPassed === false)).toEqual([]);
});

test('what grows by more than 2 % after the first minutes fails, and only that', () => {
  const failed = judge(30, 0.001).filter(({ isPassed }) => isPassed === false);
  expect(failed.map(({ name }) => name)).toEqual(['tracker: held after a collection, MiB']);
  expect(failed[0]?.growth).toBeCloseTo(0.022, 2);
  expect(judge(30, 0.0005).every(({ isPassed }) => isPassed !== false)).toBe(true);
});

test('a run of a few minutes is not judged', () => {
  expect(judge(10, 1)).toEqual([]);
  expect(judge(11, 0)).not.toEqual([]);
});
