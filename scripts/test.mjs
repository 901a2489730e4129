/**
 * `npm test` on a clone with nothing in it: installs what is missing, builds, checks, tests, and
 * ends with one line `N passed, N failed`. With arguments only the tests that these name.
 */
import { join } from 'node:path';
import { runChecks } from './checks.mjs';
import { runJest } from './jest-run.mjs';
import { prepare, projectDir } from './prepare.mjs';

const patterns = process.argv.slice(2);
const isWhole = patterns.length === 0;

prepare();
const { DEBIAN_PACKAGES, ensurePackages } = await import('../services/launcher/dist/index.js');
try {
  await ensurePackages(
    [DEBIAN_PACKAGES.prosody, DEBIAN_PACKAGES.redis, DEBIAN_PACKAGES.curl],
    join(projectDir, '.conference', 'log', 'apt.log'),
    (line) => process.stdout.write(`${line}\n`),
  );
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

const checked = isWhole ? await runChecks() : { passed: 0, failed: 0 };
const tested = await runJest(patterns, { isWhole });
const failed = checked.failed + tested.failed;
process.stdout.write(`${checked.passed + tested.passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
