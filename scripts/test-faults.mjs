/**
 * `npm run test:faults`: random traffic goes on while one fault after another strikes, on each
 * backend, and hostile stanzas and requests arrive; then a table of how long each took from its end
 * to the true list, one of what attacks on the REST API did, and one line `N passed, N failed`. With
 * patterns only the tests that these name; with `--backend NAME` only on that one; with FAULT_SEED
 * in the environment the operations of an earlier run again.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listBackendPackages, listBackends, readTestArguments } from './backends.mjs';
import { buildAttackTable, buildFaultTable, sumDrift } from './fault-table.mjs';
import { giveTurns } from './fault-turns.mjs';
import { runJest } from './jest-run.mjs';
import { allowOpenFiles } from './open-files.mjs';
import { ensureDebianPackages } from './packages.mjs';
import { prepare } from './prepare.mjs';
import { readReport } from './report-file.mjs';

/** Most of the time is waiting for what hangs, which takes no turn. */
const WORKERS = 6;
/** So many start or recover at once: beside more of them recoveries came near their bound. */
const TURNS = 2;
/** For hung tests only: one of them lets a server hang for 20 s. */
const TEST_TIMEOUT_MS = 120_000;
/** 10,000 connections take as many in the tests, and again in the facade. */
const OPEN_FILES = 16_384;
const FAKETIME = { name: 'faketime', program: 'faketime', services: [] };

const { backends, patterns } = readTestArguments(process.argv.slice(2));
const chosen = backends.length === 0 ? listBackends() : backends;
prepare('test');
await ensureDebianPackages((known) => [
  ...new Set([...listBackendPackages(chosen, known), known.redis]),
  FAKETIME,
]);

allowOpenFiles(OPEN_FILES);
const dir = mkdtempSync(join(tmpdir(), 'conference-faults-'));
const reportFile = join(dir, 'measured.jsonl');
process.env.CONFERENCE_BACKENDS = chosen.join(',');
process.env.CONFERENCE_FAULT_REPORT = reportFile;
process.env.CONFERENCE_FAULT_TURNS = join(dir, 'turns');
process.env.FAULT_SEED ??= String(Math.floor(Math.random() * 1e6));
process.stdout.write(`FAULT_SEED=${process.env.FAULT_SEED}\n`);
const endTurns = await giveTurns(process.env.CONFERENCE_FAULT_TURNS, TURNS);
try {
  const files = [...['--testMatch', '**/test/**/*.faults.ts'], `--testTimeout=${TEST_TIMEOUT_MS}`];
  const only = patterns.flatMap((pattern) => ['--testPathPatterns', pattern]);
  const counts = await runJest([...files, ...only], { isWhole: false, workers: WORKERS });
  const measured = readReport(reportFile);
  process.stdout.write(`${buildFaultTable(measured, chosen)}\n`);
  const attacks = buildAttackTable(measured);
  if (attacks !== undefined) {
    process.stdout.write(`${attacks}\n`);
  }
  process.stdout.write(`Drift that the audit repaired: ${sumDrift(measured)}\n`);
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
  process.exitCode = counts.failed === 0 ? 0 : 1;
} finally {
  endTurns();
  rmSync(dir, { recursive: true, force: true });
}
