/** What `npm run up` does before it builds, run as it is: plain Node. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SCRIPT = new URL('../../scripts/stale-announcement.mjs', import.meta.url).href;
const CALL = `import { removeStaleAnnouncement } from '${SCRIPT}';
  removeStaleAnnouncement(process.argv.slice(1), process.env);`;

/** Above the highest that Linux gives. */
const PID_OF_NOBODY = 2 ** 22 + 1;

let cwd: string;
let dir: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'conference-stale-'));
  dir = join(cwd, '.conference');
  mkdirSync(dir);
});

afterEach(() => {
  rmSync(cwd, { recursive: true, force: true });
});

/** Whether the announcement is still there after a start with these arguments. */
function staysAfterStart(args: string[], environment: Record<string, string> = {}): boolean {
  writeFileSync(join(dir, 'up.json'), '{}');
  const options = ['--input-type=module', '--eval', CALL, '--', ...args];
  execFileSync(process.execPath, options, { cwd, env: environment });
  return existsSync(join(dir, 'up.json'));
}

test.each([
  ['no lock', undefined],
  ['a lock of a process that is gone', JSON.stringify({ pid: PID_OF_NOBODY, identity: 'x' })],
  ['a lock that makes no sense', '{ "broken'],
])('with %s an announcement is an old one and goes', (_with, lock) => {
  if (lock !== undefined) writeFileSync(join(dir, 'up.lock'), lock);
  expect(staysAfterStart(['--store', 'memory'])).toBe(false);
});

test('the one of an `up` that runs stays', () => {
  writeFileSync(join(dir, 'up.lock'), JSON.stringify({ pid: process.pid, identity: 'x' }));
  expect(staysAfterStart([])).toBe(true);
});

test('the folder is the one that the launcher will use', () => {
  expect(staysAfterStart(['--dir', 'elsewhere'])).toBe(true);
  expect(staysAfterStart(['--dir=elsewhere'], { CONFERENCE_DIR: dir })).toBe(true);
  expect(staysAfterStart([`--dir=${dir}`], { CONFERENCE_DIR: 'elsewhere' })).toBe(false);
  expect(staysAfterStart([], { CONFERENCE_DIR: dir })).toBe(false);
  expect(staysAfterStart(['--dir', dir, '--no-such-option'])).toBe(false);
});

test('where there is none, nothing happens', () => {
  const options = ['--input-type=module', '--eval', CALL];
  execFileSync(process.execPath, options, { cwd });
  mkdirSync(join(dir, 'up.json'));
  execFileSync(process.execPath, options, { cwd });
  expect(existsSync(join(dir, 'up.json'))).toBe(true);
});
