/** Plain Node without dependencies, for a clone with nothing in it. */
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

/**
 * Removes `up.json` of an earlier run that ended without doing so, such as by a loss of power: until
 * all is built and the launcher takes over, whoever waits for the file would take it for the new one.
 * Left alone where a process has the id that the lock names: that may be an `up` that runs.
 * @param {string[]} args those of `npm run up`
 * @param {Record<string, string | undefined>} environment
 */
export function removeStaleAnnouncement(args, environment) {
  const { values } = parseArgs({ args, options: { dir: { type: 'string' } }, strict: false });
  const chosen = typeof values.dir === 'string' ? values.dir : environment.CONFERENCE_DIR;
  const dir = resolve(chosen || '.conference');
  const announcement = join(dir, 'up.json');
  const isThere = existsSync(announcement) && statSync(announcement).isFile();
  if (isThere && !existsSync(`/proc/${readHolder(join(dir, 'up.lock'))}`)) {
    rmSync(announcement);
  }
}

/** The process id in a lock; a name that no process has where there is none. */
function readHolder(lockFile) {
  const text = existsSync(lockFile) ? readFileSync(lockFile, 'utf8') : '';
  return /"pid":(\d+)/.exec(text)?.[1] ?? 'nobody';
}
