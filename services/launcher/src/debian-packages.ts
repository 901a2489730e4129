/** Getting programs that the project needs and npm cannot bring. */
import { spawn } from 'node:child_process';
import { accessSync, closeSync, constants, mkdirSync, openSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { ConferenceError } from '@conference/muc';
import { buildInstallScript, type DebianPackage } from './install-script.js';

/** Where administrators' programs are, which is not on everybody's path. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/sbin'];

/** Tells whether a program is found on the path, or among the administrators' programs. */
export function isInstalled(
  program: string,
  path: string | undefined = process.env['PATH'],
): boolean {
  return [...(path ?? '').split(delimiter), ...SYSTEM_FOLDERS].some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Installs the packages whose programs are missing, as root or with sudo that asks for no
 * password. None of their services is left running or enabled.
 * Fails with `configuration-invalid`, saying what to install, where it may not or cannot; not for
 * optional packages.
 * @param logFile gets everything that apt says
 */
export async function ensurePackages(
  packages: readonly DebianPackage[],
  logFile: string,
  say: (line: string) => void,
): Promise<void> {
  const missing = listMissing(packages);
  if (missing.length === 0) {
    return;
  }
  const becomeRoot = await findWayToRoot();
  if (becomeRoot === undefined || !isInstalled('apt-get')) {
    requirePrograms(packages, 'as root, apt-get install --no-install-recommends');
    return;
  }
  const names = listNames(missing);
  say(`Installing Debian's ${names} (their own services stay off); apt's output: ${logFile}`);
  const [command = 'sh', ...args] = [...becomeRoot, 'sh', '-c', buildInstallScript(missing)];
  await runLogged(command, args, logFile);
  requirePrograms(packages, `apt-get could not do it, see ${logFile}; try: apt-get install`);
}

function listMissing(packages: readonly DebianPackage[]): DebianPackage[] {
  return packages.filter(({ program }) => !isInstalled(program));
}

function listNames(packages: readonly DebianPackage[]): string {
  return packages.map(({ name }) => name).join(' ');
}

function requirePrograms(packages: readonly DebianPackage[], remedy: string): void {
  const required = listMissing(packages).filter(({ isOptional }) => isOptional !== true);
  if (required.length > 0) {
    throw new ConferenceError(
      'configuration-invalid',
      `${required.map(({ program }) => program).join(' and ')} must be installed first: ${remedy} ${listNames(required)}`,
    );
  }
}

/** What to put before a command to run it as root; undefined where there is no way. */
async function findWayToRoot(): Promise<readonly string[] | undefined> {
  if (process.getuid?.() === 0) {
    return [];
  }
  if (isInstalled('sudo') && (await runLogged('sudo', ['-n', 'true'], '/dev/null')) === 0) {
    return ['sudo', '-n'];
  }
  return undefined;
}

function runLogged(
  command: string,
  args: readonly string[],
  logFile: string,
): Promise<number | null> {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'w', 0o600);
  return new Promise<number | null>((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', log, log] });
    child.once('error', reject);
    child.once('exit', (exitCode) => resolve(exitCode));
  }).finally(() => closeSync(log));
}
