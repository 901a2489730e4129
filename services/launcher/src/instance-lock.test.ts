import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { takeInstanceLock } from './instance-lock.js';
import { identifyProcess, isStillRunning, recordProcess } from './process-identity.js';

let dir: string;
let lockFile: string;
let other: ChildProcess;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'conference-lock-'));
  lockFile = join(dir, 'up.lock');
  other = spawn('sleep', ['60']);
});

afterEach(() => {
  other.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

function lockBy(extra: object): void {
  writeFileSync(lockFile, JSON.stringify({ ...recordProcess(other.pid!), ...extra }));
}

test('it is held until it is given back', async () => {
  const lock = await takeInstanceLock(lockFile);
  await expect(takeInstanceLock(lockFile)).rejects.toThrow(`process ${process.pid}`);
  lock.release();
  (await takeInstanceLock(lockFile)).release();
  expect(readdirSync(dir)).toEqual([]);
});

test.each([
  ['of a process that is gone', { identity: 'another boot' }],
  ['that makes no sense', { pid: 'many' }],
])('a lock %s is taken over', async (_of, record) => {
  lockBy(record);
  (await takeInstanceLock(lockFile)).release();
  expect(existsSync(lockFile)).toBe(false);
});

test('a holder that is stopping is waited for', async () => {
  lockBy({ isStopping: true });
  const next = takeInstanceLock(lockFile);
  // Whoever does not wait takes or refuses within one turn of the event loop.
  const first = await Promise.race([next.then(() => 'lock'), nextTurn('wait')]);
  expect(first).toBe('wait');
  other.kill('SIGKILL');
  (await next).release();
});

test('a process is told from a later one with the same id', () => {
  const record = recordProcess(other.pid!)!;
  expect(isStillRunning(record)).toBe(true);
  expect(isStillRunning({ ...record, identity: `${record.identity}0` })).toBe(false);
  expect(identifyProcess(2 ** 22 + 1)).toBeUndefined();
});
