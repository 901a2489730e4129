/**
 * `npm test` on a clone with nothing in it: installs what is missing, builds, checks, tests, and
 * ends with one line `N passed, N failed`. With arguments only the tests that these name.
 */
import { runChecks } from './checks.mjs';
import { runJest } from './jest-run.mjs';
import { ensureDebianPackages } from './packages.mjs';
import { prepare } from './prepare.mjs';

const patterns = process.argv.slice(2);
const isWhole = patterns.length === 0;

prepare();
await ensureDebianPackages(({ prosody, redis, curl, luacheck }) => [
  prosody,
  redis,
  curl,
  ...(isWhole ? [luacheck] : []),
]);

const checked = isWhole ? await runChecks() : { passed: 0, failed: 0 };
const tested = await runJest(patterns, { isWhole });
const failed = checked.failed + tested.failed;
process.stdout.write(`${checked.passed + tested.passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
