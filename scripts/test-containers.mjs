/**
 * `npm run test:containers`, as root on Debian, with podman: builds the images of the Dockerfile
 * (their base images too, where they are missing), runs the tests that every backend must pass on
 * Prosody in a container, then proves docker-compose.yml: brings all up, lets a real chat client
 * make a room, looks at the list, asks each health check. Ends with one line `N passed, N failed`.
 *
 * With `--where-possible` a machine that can run no containers is told of, and is no failure.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listConformanceFiles, listContainerBackends } from './backends.mjs';
import { ensureBaseImages } from './base-images.mjs';
import { bringUp, takeDown } from './compose-topology.mjs';
import { ContainersUnavailable, openEngine, run } from './container-engine.mjs';
import { runJest, SCENARIO_WORKERS } from './jest-run.mjs';
import { ensureDebianPackages } from './packages.mjs';
import { prepare } from './prepare.mjs';

const TARGETS = ['prosody', 'redis', 'service', 'secrets', 'tracker', 'facade'];
/** The stage under several targets: made once, it is not compared file by file for each. */
const SHARED_STAGE = 'service';
const isOptional = process.argv.includes('--where-possible');
const startedAt = Date.now();
const counts = { passed: 0, failed: 0 };

function say(line) {
  const seconds = String(Math.round((Date.now() - startedAt) / 1000));
  process.stdout.write(`containers, ${seconds} s: ${line}\n`);
}

/** Counts what a step returns; a step that cannot be done is a failure by itself. */
async function count(step) {
  try {
    const { passed, failed } = await step();
    counts.passed += passed;
    counts.failed += failed;
  } catch (error) {
    if (error instanceof ContainersUnavailable) {
      throw error;
    }
    process.stdout.write(`${error.message}\n`);
    counts.failed += 1;
  }
}

function buildImages() {
  const npmCache = execFileSync('npm', ['config', 'get', 'cache'], { encoding: 'utf8' }).trim();
  mkdirSync(npmCache, { recursive: true });
  for (const target of TARGETS) {
    say(`Building the image of ${target}`);
    // Health checks exist in Docker's format only. With this machine's cache of npm the builds
    // fetch nothing a second time.
    const cache = `--volume=${npmCache}:/root/.npm:rw`;
    const options = ['--format=docker', '--network=host', cache, `--target=${target}`];
    if (TARGETS.indexOf(target) > TARGETS.indexOf(SHARED_STAGE)) {
      const image = `container-image://localhost/conference-${SHARED_STAGE}`;
      options.push(`--build-context=${SHARED_STAGE}=${image}`);
    }
    run('podman', ['build', ...options, '-t', `conference-${target}`, '.'], {
      isShown: process.env.VERBOSE === '1',
    });
  }
}

async function runScenarios() {
  const backends = listContainerBackends();
  say(`Testing ${backends.join(', ')}`);
  process.env.CONFERENCE_BACKENDS = backends.join(',');
  // All containers of this run have this label: one that a test left behind ends with the run.
  process.env.CONFERENCE_CONTAINER_LABEL = `conference-test=${process.pid}`;
  try {
    return await runJest(listConformanceFiles(), { isWhole: false, workers: SCENARIO_WORKERS });
  } finally {
    const label = `label=${process.env.CONFERENCE_CONTAINER_LABEL}`;
    const { output } = run('podman', ['ps', '-aq', '--filter', label]);
    for (const id of output.split('\n').filter(Boolean)) {
      run('podman', ['rm', '-f', '-v', id], { isAllowedToFail: true });
    }
  }
}

async function proveTopology() {
  try {
    process.env.CONFERENCE_TOPOLOGY = JSON.stringify(await bringUp(say));
    return await runJest(['--testMatch', '**/*.containers.ts'], { isWhole: false });
  } finally {
    takeDown(say);
  }
}

// Whoever interrupts ends the command under way; what was started is still taken down.
process.on('SIGINT', () => say('Interrupted'));
prepare();
await ensureDebianPackages((known) => [known.redis]);
const dir = mkdtempSync(join(tmpdir(), 'conference-containers-'));
try {
  openEngine(dir, say);
  ensureBaseImages(say);
  await count(async () => {
    buildImages();
    return { passed: 0, failed: 0 };
  });
  if (counts.failed === 0) {
    await count(runScenarios);
    await count(proveTopology);
  }
} catch (error) {
  if (!(error instanceof ContainersUnavailable)) {
    throw error;
  }
  say(`LEFT OUT, since ${error.message}`);
  counts.failed += isOptional ? 0 : 1;
} finally {
  rmSync(dir, { recursive: true, force: true });
}
say('done');
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
process.exitCode = counts.failed === 0 ? 0 : 1;
