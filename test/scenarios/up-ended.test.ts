/** `npm run up` ended otherwise than by a stop when all runs, and what is left of it. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../support/eventually.js';
import { isRunning, LauncherRig, pasteCurl } from '../support/launcher-rig.js';

const TEST_TIMEOUT_MS = 90_000;

let rig: LauncherRig;

beforeEach(async () => {
  rig = await LauncherRig.create();
});

afterEach(() => rig.end(), 20_000);

test(
  'a launcher that is killed takes its children and its announcement along; the next one starts',
  async () => {
    const run = rig.up();
    const before = await rig.announced(run);
    const pids = Object.values(rig.childPids());
    run.process.kill('SIGKILL');
    await eventually(
      () => pids.filter(isRunning).length,
      (count) => count === 0,
      {
        what: 'the end of the children',
      },
    );
    await eventually(
      () => existsSync(join(rig.dir, 'up.json')),
      (isThere) => !isThere,
      { what: 'the end of the announcement' },
    );
    const next = rig.up();
    expect(await rig.announced(next)).toEqual(before);
    await rig.stop(next);
  },
  TEST_TIMEOUT_MS,
);

test(
  'a child that is killed comes back',
  async () => {
    const run = rig.up();
    await rig.announced(run);
    const { facade, tracker } = rig.childPids();
    process.kill(facade!, 'SIGKILL');
    process.kill(tracker!, 'SIGKILL');
    await eventually(
      () => rig.childPids(),
      (pids) =>
        pids['facade'] !== undefined &&
        pids['facade'] !== facade &&
        pids['tracker'] !== undefined &&
        pids['tracker'] !== tracker,
    );
    expect(await eventually(() => pasteCurl(run), Array.isArray)).toEqual([]);
    expect(run.output()).toContain('facade was ended by SIGKILL; starting it again');
    await rig.stop(run);
  },
  TEST_TIMEOUT_MS,
);

test(
  'a leftover of its own is ended, a process that only has the same id is not',
  async () => {
    const bystander = spawn('sleep', ['60']);
    const first = rig.up();
    await rig.announced(first);
    process.kill(rig.childPids()['redis']!, 'SIGSTOP');
    const pids = rig.childPids();
    first.process.kill('SIGKILL');
    await eventually(
      () => isRunning(pids['tracker']!),
      (isAlive) => !isAlive,
    );
    expect(isRunning(pids['redis']!)).toBe(true);
    writeFileSync(
      join(rig.dir, 'run', 'bystander.json'),
      JSON.stringify({ pid: bystander.pid, identity: 'another boot' }),
    );
    const second = rig.up();
    await rig.announced(second);
    expect(second.output()).toContain(`Ending redis (process ${pids['redis']})`);
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    bystander.kill();
    await rig.stop(second);
  },
  TEST_TIMEOUT_MS,
);

test(
  'a stop in the middle of the start leaves nothing',
  async () => {
    const run = rig.up();
    await eventually(
      () => run.output(),
      (output) => output.includes('Starting prosody'),
    );
    await rig.stop(run);
    expect(rig.childPids()).toEqual({});
    expect(existsSync(join(rig.dir, 'up.json'))).toBe(false);
  },
  TEST_TIMEOUT_MS,
);
