/** Which file with sites somebody means who names none. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { facadeSettings } from './settings.js';

/** Where `npm run up` keeps everything, unless `CONFERENCE_DIR` says so. */
const UP_DIR = '.conference';

/**
 * The file of `SITES_FILE`. Without that, the one in the folder of `npm run up` where that keeps
 * one, since its facade reads no other; else the default of `SITES_FILE`.
 * @param workingDir absolute
 * @returns a path relative to the working folder, or absolute
 */
export function chooseSitesFile(
  environment: Readonly<Record<string, string | undefined>>,
  workingDir: string,
): string {
  const { variable, defaultText = '' } = facadeSettings.sitesFile;
  const ofUp = join(environment['CONFERENCE_DIR'] || UP_DIR, 'sites.json');
  return environment[variable] || (existsSync(resolve(workingDir, ofUp)) ? ofUp : defaultText);
}
