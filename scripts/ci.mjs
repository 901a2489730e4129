/**
 * What `.ci/run` runs: `npm test`, then the fault suite, then the tests in containers where this
 * machine can run containers; where it cannot, a line says why. Ends with one line
 * `N passed, N failed` for all of them.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { projectDir } from './prepare.mjs';

const COUNTS = /^(\d+) passed, (\d+) failed$/;

/** Runs one of our scripts, passes its lines on, and reads its last counts. */
async function runScript(name, script, ...args) {
  const startedAt = Date.now();
  const child = spawn(process.execPath, [`scripts/${script}`, ...args], {
    cwd: projectDir,
    stdio: ['inherit', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  let counts;
  for await (const line of createInterface({ input: child.stdout })) {
    const [, passed, failed] = COUNTS.exec(line) ?? [];
    if (passed === undefined) {
      process.stdout.write(`${line}\n`);
    } else {
      counts = { passed: Number(passed), failed: Number(failed) };
    }
  }
  const exitCode = await ended;
  const { passed = 0, failed = 0 } = counts ?? {};
  // One that ends without having counted could not do its work.
  const isUnexplained = exitCode !== 0 && failed === 0;
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  const total = { passed, failed: failed + (isUnexplained ? 1 : 0) };
  process.stdout.write(`${name}: ${passed} passed, ${total.failed} failed (${seconds} s)\n`);
  return total;
}

const tested = await runScript('npm test', 'test.mjs');
const struck = await runScript('faults', 'test-faults.mjs');
const contained = await runScript('containers', 'test-containers.mjs', '--where-possible');
const parts = [tested, struck, contained];
const sum = (count) => parts.reduce((total, part) => total + count(part), 0);
const failed = sum((part) => part.failed);
process.stdout.write(`${sum((part) => part.passed)} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
