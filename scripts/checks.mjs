/** The checks that need no test runner: each a command that fails where something is wrong. */
import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { projectDir } from './prepare.mjs';

const PROSODY_MODULES = ['prosody', 'test/servers/prosody-modules', 'bench/prosody-modules'];

/** Each with the command and its arguments, found among the locked dependencies, or Debian's. */
const CHECKS = {
  format: ['prettier', '--check', '--log-level=warn', '.'],
  lint: ['eslint', '.'],
  types: ['tsc', '-p', 'tsconfig.tests.json'],
  layers: ['depcruise', 'packages', 'services', 'test', '--config', '.dependency-cruiser.cjs'],
  lockfile: ['node', 'scripts/lockfile.mjs', '--check'],
  lua: ['luacheck', '--quiet', '--config', 'prosody/.luacheckrc', ...PROSODY_MODULES],
  unused: ['knip', '--no-config-hints'],
};

/** Runs one check and shows what it says where it fails. */
async function runCheck(name) {
  const startedAt = Date.now();
  const [command, ...args] = CHECKS[name];
  const child = spawn(command, args, {
    cwd: projectDir,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PATH: [join(projectDir, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const exitCode = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  const isPassed = exitCode === 0;
  process.stdout.write(`check ${name}: ${isPassed ? 'passed' : 'FAILED'} (${seconds} s)\n`);
  if (!isPassed) {
    process.stdout.write(`${output.trim()}\n`);
  }
  return isPassed;
}

/** Runs all checks, two at a time, and counts. */
export async function runChecks() {
  const waiting = Object.keys(CHECKS);
  const counts = { passed: 0, failed: 0 };
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      counts[(await runCheck(name)) ? 'passed' : 'failed'] += 1;
    }
  };
  await Promise.all([work(), work()]);
  return counts;
}
