/** The Debian packages without which checks and tests cannot run. */
import { join } from 'node:path';
import { projectDir } from './prepare.mjs';

/**
 * Installs those that are missing; ends the process with one sentence where it cannot.
 * @param {(packages: Record<string, object>) => object[]} choose among all that the project knows;
 *   called when everything is built
 */
export async function ensureDebianPackages(choose) {
  const { DEBIAN_PACKAGES, ensurePackages } = await import('../services/launcher/dist/index.js');
  const logFile = join(projectDir, '.conference', 'log', 'apt.log');
  try {
    await ensurePackages(choose(DEBIAN_PACKAGES), logFile, (line) =>
      process.stdout.write(`${line}\n`),
    );
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
