import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildInstallScript, DEBIAN_PACKAGES } from './install-script.js';

let dir: string;
let policyFile: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'conference-install-'));
  policyFile = join(dir, 'policy-rc.d');
  mkdirSync(join(dir, 'bin'));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Puts a program of that name first on the path of the script. */
function imitate(name: string, script: string): void {
  const file = join(dir, 'bin', name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

function install(): number | null {
  imitate('update-rc.d', `echo "$@" >> ${dir}/disabled`);
  imitate('service', `echo "$@" >> ${dir}/stopped`);
  imitate('systemctl', `echo "$3" >> ${dir}/disabled`);
  const { redis, wrk } = DEBIAN_PACKAGES;
  const script = buildInstallScript([redis, wrk], policyFile, join(dir, 'units'));
  return spawnSync('sh', ['-c', script], {
    env: { PATH: `${dir}/bin:${process.env['PATH']}` },
  }).status;
}

/** What the policy says of starting some services while apt-get runs, each as `name:code`. */
const ASK_POLICY = ['redis-server', 'redis-server.service', 'ssh', 'redis-sentinel']
  .map((service) => `"$POLICY" ${service} start; echo ${service}:$? >> "$OUT"`)
  .join('\n');

test('only the new services are forbidden to start, and only meanwhile', () => {
  imitate('apt-get', `POLICY=${policyFile} OUT=${dir}/answers\n${ASK_POLICY}; true`);
  expect(install()).toBe(0);
  // apt-get was called twice, for the update and for the installation.
  const answers = ['redis-server:101', 'redis-server.service:101', 'ssh:0', 'redis-sentinel:0'];
  expect(readFileSync(join(dir, 'answers'), 'utf8').trim().split('\n')).toEqual([
    ...answers,
    ...answers,
  ]);
  expect(existsSync(policyFile)).toBe(false);
  expect(readFileSync(join(dir, 'disabled'), 'utf8')).toContain('redis-server');
  expect(existsSync(join(dir, 'stopped'))).toBe(false);
});

test('a service that was there before is neither stopped nor disabled', () => {
  mkdirSync(join(dir, 'units'));
  writeFileSync(join(dir, 'units', 'redis-server.service'), '');
  imitate('apt-get', 'exit 0');
  expect(install()).toBe(0);
  expect(existsSync(join(dir, 'disabled'))).toBe(false);
});

test('a failure is told, and the policy is gone all the same', () => {
  imitate('apt-get', '[ "$1" = update ]');
  expect(install()).not.toBe(0);
  expect(existsSync(policyFile)).toBe(false);
});

test('a policy that is there already stays as it is', () => {
  writeFileSync(policyFile, 'theirs');
  imitate('apt-get', 'exit 0');
  expect(install()).toBe(0);
  expect(readFileSync(policyFile, 'utf8')).toBe('theirs');
});

test('a policy that outlives a killed installation forbids nothing', () => {
  imitate('apt-get', 'kill -9 $PPID');
  expect(install()).toBeNull();
  expect(existsSync(policyFile)).toBe(true);
  expect(execFileSync(policyFile, ['redis-server', 'start']).toString()).toBe('');
});
