/**
 * `npm run test:soak -- --minutes N`: traffic for so long (30 by default), on Prosody with the feed
 * or on the backends that `--backend NAME` names, one after another. Every ten seconds a line tells
 * memory, handles and lag; at the end stands how much each grew after the first five minutes, and
 * one line `N passed, N failed`. SOAK_SEED in the environment repeats the operations of a run,
 * SOAK_RATE sets how many there are in a second (50).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listBackendPackages, readTestArguments } from './backends.mjs';
import { runJest } from './jest-run.mjs';
import { ensureDebianPackages } from './packages.mjs';
import { prepare } from './prepare.mjs';
import { readReport } from './report-file.mjs';
import {
  compareGrowth,
  formatGrowth,
  formatSample,
  SAMPLE_HEADING,
  SHORTEST_MINUTES,
} from './soak-growth.mjs';

const DEFAULT_BACKEND = 'prosody-fed';
const LOOK_MS = 1_000;

const { backends, values } = readTestArguments(process.argv.slice(2), {
  minutes: { type: 'string', default: '30' },
});
const minutes = Number(values.minutes);
if (!(minutes > 0)) {
  process.stderr.write(`--minutes ${values.minutes} is no time.\n`);
  process.exit(1);
}
const chosen = backends.length === 0 ? [DEFAULT_BACKEND] : backends;
prepare('test');
await ensureDebianPackages((known) => [
  ...new Set([...listBackendPackages(chosen, known), known.redis]),
]);

const dir = mkdtempSync(join(tmpdir(), 'conference-soak-'));
const reportFile = join(dir, 'samples.jsonl');
process.env.CONFERENCE_BACKENDS = chosen.join(',');
process.env.CONFERENCE_SOAK_REPORT = reportFile;
process.env.SOAK_MINUTES = String(minutes);
process.env.SOAK_SEED ??= String(Math.floor(Math.random() * 1e6));
process.stdout.write(`SOAK_SEED=${process.env.SOAK_SEED}\n${SAMPLE_HEADING}\n`);
let printed = 0;
const printing = setInterval(printNew, LOOK_MS);
try {
  const counts = await runJest(['--testMatch', '**/test/soak/*.soak.ts'], {
    isWhole: false,
    workers: 1,
  });
  printNew();
  for (const backend of chosen) judge(backend, counts);
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
  process.exitCode = counts.failed === 0 ? 0 : 1;
} finally {
  clearInterval(printing);
  rmSync(dir, { recursive: true, force: true });
}

/** Prints what was measured since it was called last. */
function printNew() {
  const samples = readReport(reportFile);
  for (; printed < samples.length; printed += 1) {
    const sample = samples[printed];
    const before = samples[printed - 1];
    const previous = before?.backend === sample.backend ? before : undefined;
    process.stdout.write(`${formatSample(sample, previous)}\n`);
  }
}

/** Prints what grew on a backend, and counts it. */
function judge(backend, counts) {
  const samples = readReport(reportFile).filter((sample) => sample.backend === backend);
  const rows = compareGrowth(samples);
  if (rows.length === 0) {
    process.stdout.write(`${backend}: growth is judged from ${SHORTEST_MINUTES} minutes on\n`);
    return;
  }
  process.stdout.write(`${backend}\n\n${formatGrowth(rows)}\n\n`);
  counts.passed += rows.filter(({ isPassed }) => isPassed === true).length;
  counts.failed += rows.filter(({ isPassed }) => isPassed === false).length;
}
