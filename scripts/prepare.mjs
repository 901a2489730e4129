/**
 * What has to be there before any of our code can run: a Node that is new enough, the locked
 * dependencies, the build. Plain Node without dependencies, for a clone with nothing in it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectDir = fileURLToPath(new URL('..', import.meta.url));

const manifest = JSON.parse(readFileSync(join(projectDir, 'package.json'), 'utf8'));

/** What runs needs the one in package.json; checks and tests a later one, for eslint and knip do. */
const OLDEST_NODE = { run: manifest.engines.node.replace('>=', ''), test: '20.19' };

/** Ends the process with one sentence. */
function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

/** Runs a command in the project's folder, its output shown; ends the process where it fails. */
function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: projectDir, stdio: 'inherit' });
  if (status !== 0) {
    fail(`"${[command, ...args].join(' ')}" failed${error ? `: ${error.message}` : ''}.`);
  }
}

function readLock(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : {};
}

/**
 * Whether node_modules holds what the lockfile says, by the list that npm leaves there. Packages
 * for other systems are optional and rightly absent.
 */
export function areDependenciesInstalled(dir = projectDir) {
  const locked = readLock(join(dir, 'package-lock.json'));
  const installed = readLock(join(dir, 'node_modules', '.package-lock.json'));
  return Object.entries(locked).every(([path, entry]) => {
    if (!path.includes('node_modules/')) {
      return true;
    }
    const found = installed[path];
    return found === undefined
      ? Boolean(entry.optional)
      : found.version === entry.version &&
          found.integrity === entry.integrity &&
          existsSync(join(dir, path));
  });
}

function isOlder(version, oldest) {
  const [[major, minor], [oldestMajor, oldestMinor]] = [version, oldest].map((text) =>
    text.split('.').map(Number),
  );
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}

/**
 * Brings the clone to the point where the built code can be imported.
 * @param {'run' | 'test'} purpose what Node must be new enough for
 */
export function prepare(purpose = 'run') {
  const version = process.versions.node;
  const oldest = OLDEST_NODE[purpose];
  if (isOlder(version, oldest)) {
    fail(`Node ${oldest} or later is needed; this is ${version}.`);
  }
  if (!areDependenciesInstalled()) {
    process.stdout.write('Installing the locked dependencies (npm ci)\n');
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  }
  process.stdout.write('Building (tsc -b)\n');
  run(process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '-b']);
}
