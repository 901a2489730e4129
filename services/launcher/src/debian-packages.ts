/** Getting programs that the project needs and npm cannot bring. */
import { spawn } from 'node:child_process';
import { accessSync, closeSync, constants, mkdirSync, openSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { ConferenceError } from '@conference/muc';
import { buildInstallScript, type DebianPackage } from './install-script.js';

/** Tells whether a program is found on the path. */
export function isInstalled(
  program: string,
  path: string | undefined = process.env['PATH'],
): boolean {
  return (path ?? '').split(delimiter).some((folder) => {
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
 * Fails with `configuration-invalid`, saying what to install, where it may not or cannot.
 * @param logFile gets everything that apt says
 */
export async function ensurePackages(
  packages: readonly DebianPackage[],
  logFile: string,
  say: (line: string) => void,
): Promise<void> {
  const missing = packages.filter(({ program }) => !isInstalled(program));
  if (missing.length === 0) {
    return;
  }
  const names = missing.map(({ name }) => name).join(' ');
  const becomeRoot = await findWayToRoot();
  if (becomeRoot === undefined || !isInstalled('apt-get')) {
    throw new ConferenceError(
      'configuration-invalid',
      `${missing.map(({ program }) => program).join(' and ')} must be installed first: apt-get install --no-install-recommends ${names}`,
    );
  }
  say(`Installing Debian's ${names} (their own services stay off); apt's output: ${logFile}`);
  const [command = 'sh', ...args] = [...becomeRoot, 'sh', '-c', buildInstallScript(missing)];
  const exitCode = await runLogged(command, args, logFile);
  if (exitCode !== 0 || missing.some(({ program }) => !isInstalled(program))) {
    const lastWords = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-5).join('\n');
    throw new ConferenceError(
      'configuration-invalid',
      `apt-get could not install ${names}:\n${lastWords}\n(all of it: ${logFile})`,
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
