/** Jest as the project runs it: native ESM, and no test file or test left out. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { projectDir } from './prepare.mjs';

/** Where tests compute; more where they wait. */
const WORKERS = 2;

/** Where most of the time goes into tests with real servers, which wait for something half of it. */
export const SCENARIO_WORKERS = 3;

/** Every test file of the project, by its path from the project's folder. */
export function listTestFiles() {
  return ['packages', 'services', 'test'].flatMap((folder) =>
    readdirSync(join(projectDir, folder), { recursive: true })
      .map((path) => join(folder, path))
      .filter((path) => path.endsWith('.test.ts') && !/(^|\/)(dist|node_modules)\//.test(path)),
  );
}

async function startJest(args, workers, reportFile) {
  const child = spawn(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      join('node_modules', 'jest', 'bin', 'jest.js'),
      '--ci',
      `--maxWorkers=${workers}`,
      '--json',
      `--outputFile=${reportFile}`,
      ...args,
    ],
    { cwd: projectDir, stdio: 'inherit' },
  );
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
}

/**
 * Runs tests and counts them. A file that cannot be run counts as a failed test, so does a test
 * that is skipped, and, where all are asked for, a file that Jest did not run.
 * @param args for Jest, e.g. a pattern of paths
 * @param {{ isWhole: boolean, workers?: number }} options workers: how many files at once
 */
export async function runJest(args, { isWhole, workers = WORKERS }) {
  const dir = mkdtempSync(join(tmpdir(), 'conference-jest-'));
  try {
    const reportFile = join(dir, 'report.json');
    const exitCode = await startJest(args, workers, reportFile);
    const report = JSON.parse(readFileSync(reportFile, 'utf8'));
    const ran = new Set(report.testResults.map(({ name }) => relative(projectDir, name)));
    const notRun = isWhole ? listTestFiles().filter((file) => !ran.has(file)) : [];
    for (const file of notRun) {
      process.stdout.write(`not run: ${file}\n`);
    }
    const skipped = isWhole ? report.numPendingTests + report.numTodoTests : 0;
    if (skipped > 0) {
      process.stdout.write(`skipped tests count as failed: ${skipped}\n`);
    }
    const failed =
      report.numFailedTests + report.numRuntimeErrorTestSuites + notRun.length + skipped;
    const isUnexplained = exitCode !== 0 && failed === 0;
    return { passed: report.numPassedTests, failed: failed + (isUnexplained ? 1 : 0) };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
