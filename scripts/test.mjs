/**
 * `npm test` on a clone with nothing in it: installs what is missing, builds, checks, tests, and
 * ends with one line `N passed, N failed`. With patterns only the tests that these name; with
 * `--backend NAME` only those that every backend must pass, on that one.
 */
import {
  listBackendPackages,
  listBackends,
  listConformanceFiles,
  readTestArguments,
} from './backends.mjs';
import { runChecks } from './checks.mjs';
import { runJest, SCENARIO_WORKERS } from './jest-run.mjs';
import { ensureDebianPackages } from './packages.mjs';
import { prepare } from './prepare.mjs';

const { backends, patterns } = readTestArguments(process.argv.slice(2));
const isWhole = patterns.length === 0 && backends.length === 0;
const chosen = backends.length === 0 ? listBackends() : backends;

prepare('test');
await ensureDebianPackages((known) => [
  ...new Set([
    ...(backends.length === 0 ? [known.prosody] : []),
    ...listBackendPackages(chosen, known),
    known.redis,
    known.curl,
    ...(isWhole ? [known.luacheck] : []),
  ]),
]);

process.env.CONFERENCE_BACKENDS = chosen.join(',');
const files = backends.length > 0 && patterns.length === 0 ? listConformanceFiles() : patterns;
const checked = isWhole ? await runChecks() : { passed: 0, failed: 0 };
const tested = await runJest(files, { isWhole, workers: SCENARIO_WORKERS });
const failed = checked.failed + tested.failed;
process.stdout.write(`${checked.passed + tested.passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
