/**
 * `npm run test:containers`: proves docker-compose.yml and the Dockerfile with podman, as root on
 * Debian. Builds the images (their base images too, where they are missing), brings all up, lets
 * a real chat client make a room, looks at the list, asks each health check, takes all down.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBaseImages } from './base-images.mjs';
import { prepare, projectDir } from './prepare.mjs';

const PROJECT = 'conference-test';
const TARGETS = ['secrets', 'prosody', 'redis', 'tracker', 'facade'];
const RUNNING = TARGETS.filter((target) => target !== 'secrets');
const PACKAGES = 'podman runc netavark aardvark-dns iptables podman-compose debootstrap'.split(' ');
const HEALTHY_TIMEOUT_MS = 90_000;

const dir = mkdtempSync(join(tmpdir(), 'conference-containers-'));
const environment = { ...process.env, CONTAINERS_CONF: join(dir, 'containers.conf') };

function say(line) {
  process.stdout.write(`${line}\n`);
}

function run(command, args, { isAllowedToFail = false, isShown = false } = {}) {
  const result = spawnSync(command, args, {
    cwd: projectDir,
    env: environment,
    encoding: 'utf8',
    stdio: ['ignore', isShown ? 'inherit' : 'pipe', isShown ? 'inherit' : 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.status !== 0 && !isAllowedToFail) {
    throw new Error(
      `${command} ${args.join(' ')} ended with ${result.status}\n${result.stdout}${result.stderr}`,
    );
  }
  return { isDone: result.status === 0, output: `${result.stdout ?? ''}${result.stderr ?? ''}` };
}

const podman = (args, options) => run('podman', args, options).isDone;
const compose = (args, options) => run('podman-compose', ['-p', PROJECT, ...args], options);
const containerOf = (service) => `${PROJECT}_${service}_1`;

function installPodman() {
  const isThere = PACKAGES.every((name) => spawnSync('dpkg', ['-s', name]).status === 0);
  if (!isThere) {
    say(`Installing Debian's ${PACKAGES.join(' ')}`);
    const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
    execFileSync('apt-get', ['-qq', 'update'], options);
    execFileSync('apt-get', ['-qqy', 'install', '--no-install-recommends', ...PACKAGES], options);
  }
  // runc, since crun refuses hybrid cgroups; limits below the host's, since raising them may be
  // forbidden.
  writeFileSync(
    environment.CONTAINERS_CONF,
    '[engine]\nruntime = "runc"\n[containers]\ndefault_ulimits = ["nofile=1024:1024","nproc=4096:4096"]\n',
  );
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Without systemd podman runs no health checks by itself. */
async function waitUntilHealthy() {
  const deadline = Date.now() + HEALTHY_TIMEOUT_MS;
  for (const service of RUNNING) {
    for (;;) {
      const { isDone, output } = run('podman', ['healthcheck', 'run', containerOf(service)], {
        isAllowedToFail: true,
      });
      if (isDone) {
        say(`${service} is healthy`);
        break;
      }
      if (Date.now() > deadline) {
        const { output: log } = run('podman', ['logs', containerOf(service)], {
          isAllowedToFail: true,
        });
        throw new Error(`${service} is not healthy: ${output}\n${log}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

function addSite() {
  const { output } = run('podman', [
    'exec',
    containerOf('facade'),
    'node',
    'services/facade/dist/site-main.js',
    'add',
    'demo',
    '--service',
    'conference.localhost',
  ]);
  const apiKey = /^apiKey: (\S+)$/m.exec(output)?.[1];
  if (apiKey === undefined) {
    throw new Error(`no key in: ${output}`);
  }
  return apiKey;
}

function requireNoRoot() {
  for (const service of RUNNING) {
    const { output } = run('podman', ['exec', containerOf(service), 'id', '-u']);
    if (output.trim() !== '10001') {
      throw new Error(`${service} runs as user ${output.trim()}`);
    }
  }
  say('no container runs as root');
}

async function proveTopology() {
  environment.CONFERENCE_HTTP_PORT = String(await freePort());
  environment.CONFERENCE_C2S_PORT = String(await freePort());
  environment.CONFERENCE_WEBSOCKET_PORT = String(await freePort());
  say('Bringing all up (podman-compose up)');
  compose(['up', '-d']);
  await waitUntilHealthy();
  requireNoRoot();
  environment.CONFERENCE_TOPOLOGY = JSON.stringify({
    http: `http://127.0.0.1:${environment.CONFERENCE_HTTP_PORT}`,
    siteId: 'demo',
    apiKey: addSite(),
    c2sPort: Number(environment.CONFERENCE_C2S_PORT),
  });
  environment.NODE_OPTIONS = '--experimental-vm-modules --disable-warning=ExperimentalWarning';
  const jest = ['node_modules/jest/bin/jest.js', '--ci', '--testMatch', '**/*.containers.ts'];
  return run(process.execPath, jest, { isAllowedToFail: true, isShown: true }).isDone;
}

prepare();
let isPassed = false;
try {
  installPodman();
  ensureBaseImages(podman, say);
  for (const target of TARGETS) {
    say(`Building the image of ${target}`);
    // Health checks exist in Docker's format only.
    podman(
      [
        'build',
        '--format=docker',
        '--network=host',
        `--target=${target}`,
        '-t',
        `conference-${target}`,
        '.',
      ],
      { isShown: process.env.VERBOSE === '1' },
    );
  }
  isPassed = await proveTopology();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
} finally {
  say('Taking all down (podman-compose down -v)');
  compose(['down', '-v', '-t', '10'], { isAllowedToFail: true });
  rmSync(dir, { recursive: true, force: true });
}
say(isPassed ? '1 passed, 0 failed' : '0 passed, 1 failed');
process.exitCode = isPassed ? 0 : 1;
