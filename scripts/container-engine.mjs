/**
 * The container engine of the tests: Debian's podman, as root. Whether it works here is found out
 * by trying, since a kernel, a sandbox or a missing mirror may each refuse it.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyProgram, importImage } from './image-import.mjs';
import { projectDir } from './prepare.mjs';

const PACKAGES = 'podman runc netavark aardvark-dns iptables podman-compose mmdebstrap'.split(' ');
const PROBE_IMAGE = 'localhost/conference-probe';
const PROBE_TIMEOUT_MS = 60_000;
/** For hung commands only; the longest one builds an image. */
const COMMAND_TIMEOUT_MS = 600_000;

// runc, since crun refuses hybrid cgroups; limits below the host's, since raising them may be
// forbidden.
const CONTAINERS_CONF = `[engine]
runtime = "runc"
[containers]
default_ulimits = ["nofile=1024:1024","nproc=4096:4096"]
`;

/** Containers cannot run on this machine; the message says why, in one sentence. */
export class ContainersUnavailable extends Error {}

/** Runs a command in the project's folder; throws with all that it said where it fails. */
export function run(command, args, options = {}) {
  const { isAllowedToFail = false, isShown = false, timeoutMs = COMMAND_TIMEOUT_MS } = options;
  const output = isShown ? 'inherit' : 'pipe';
  const result = spawnSync(command, args, {
    cwd: projectDir,
    encoding: 'utf8',
    stdio: ['ignore', output, output],
    maxBuffer: 64 * 1024 * 1024,
    timeout: timeoutMs,
  });
  const said = `${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`;
  if (result.status !== 0 && !isAllowedToFail) {
    throw new Error(`${command} ${args.join(' ')} ended with ${result.status}\n${said}`);
  }
  return { isDone: result.status === 0, output: said };
}

/** As `run`, for what fails where containers are impossible. @param what for the sentence */
export function attempt(what, command, args, options = {}) {
  const { isDone, output } = run(command, args, { ...options, isAllowedToFail: true });
  if (!isDone) {
    const lines = output.split('\n').filter((line) => line.trim() !== '');
    throw new ContainersUnavailable(`${what}: ${(lines.at(-1) ?? 'no answer').trim()}`);
  }
  return output;
}

/**
 * Installs podman where it is missing, and starts a first container. Every podman from here on,
 * that of the tests too, is configured by the environment.
 * @param dir a folder that lives as long as the engine is used
 */
export function openEngine(dir, say) {
  if (process.getuid?.() !== 0) {
    throw new ContainersUnavailable('podman needs root here, and this is another user');
  }
  installPackages(say);
  process.env.CONTAINERS_CONF = join(dir, 'containers.conf');
  writeFileSync(process.env.CONTAINERS_CONF, CONTAINERS_CONF);
  startProbe();
}

function installPackages(say) {
  if (PACKAGES.every((name) => run('dpkg', ['-s', name], { isAllowedToFail: true }).isDone)) {
    return;
  }
  say(`Installing Debian's ${PACKAGES.join(' ')}`);
  process.env.DEBIAN_FRONTEND = 'noninteractive';
  // One source of several that does not answer is no obstacle.
  run('apt-get', ['-qq', 'update'], { isAllowedToFail: true });
  attempt('podman cannot be installed', 'apt-get', [
    '-qqy',
    'install',
    '--no-install-recommends',
    ...PACKAGES,
  ]);
}

/** The smallest container there is, in a network of its own with a published port. */
function startProbe() {
  const dir = mkdtempSync(join(tmpdir(), 'conference-probe-'));
  try {
    const root = join(dir, 'root');
    mkdirSync(root);
    copyProgram('/bin/true', root, '/bin/true');
    const what = 'this machine runs no containers';
    importImage((args) => attempt(what, 'podman', args), root, PROBE_IMAGE);
    const args = ['run', '--rm', '-p', '127.0.0.1::8080', PROBE_IMAGE, '/bin/true'];
    attempt(what, 'podman', args, { timeoutMs: PROBE_TIMEOUT_MS });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
