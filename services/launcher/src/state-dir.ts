/** The folder where `up` keeps everything: data, secrets, logs, and what runs at the moment. */
import { accessSync, chmodSync, constants, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ConferenceError } from '@conference/muc';
import type { EjabberdFiles } from './ejabberd-files.js';
import { DIR_SETTING, nameOf } from './up-options.js';

export interface StateDir {
  readonly path: string;
  /** Random secrets, made once. */
  readonly secretsFile: string;
  /** The facade's sites. */
  readonly sitesFile: string;
  /** The key of the site that `up` makes, since the sites' file holds only its hash. */
  readonly defaultSiteFile: string;
  /** What `up` printed, for programs; there while it is ready. */
  readonly announcementFile: string;
  readonly lockFile: string;
  readonly prosodyConfigFile: string;
  readonly prosodyDataDir: string;
  readonly ejabberd: EjabberdFiles;
  readonly redisConfigFile: string;
  readonly redisDataDir: string;
  readonly logDir: string;
  /** One record per running child. */
  readonly runDir: string;
}

/**
 * Makes the folder (mode 700) or takes the one that is there.
 * Fails with `configuration-invalid` where it cannot be made or written, or holds a folder in the place
 * of a file.
 */
export function openStateDir(path: string): StateDir {
  const dir: StateDir = {
    path,
    secretsFile: join(path, 'secrets.json'),
    sitesFile: join(path, 'sites.json'),
    defaultSiteFile: join(path, 'default-site.json'),
    announcementFile: join(path, 'up.json'),
    lockFile: join(path, 'up.lock'),
    prosodyConfigFile: join(path, 'prosody.cfg.lua'),
    prosodyDataDir: join(path, 'prosody'),
    ejabberd: {
      configFile: join(path, 'ejabberd.yml'),
      accountsFile: join(path, 'ejabberd-accounts'),
      dataDir: join(path, 'ejabberd'),
    },
    redisConfigFile: join(path, 'redis.conf'),
    redisDataDir: join(path, 'redis'),
    logDir: join(path, 'log'),
    runDir: join(path, 'run'),
  };
  try {
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o700);
    for (const folder of [
      dir.prosodyDataDir,
      dir.ejabberd.dataDir,
      dir.redisDataDir,
      dir.logDir,
      dir.runDir,
    ]) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    }
  } catch (cause) {
    throw new ConferenceError(
      'configuration-invalid',
      `the folder ${path} of ${nameOf(DIR_SETTING)} cannot be used: ${reasonOf(cause)}`,
      { cause },
    );
  }
  refuseFolders(dir);
  return dir;
}

/** A folder in the place of a file, e.g. made by a container that mounts it, is nobody's to remove. */
function refuseFolders(dir: StateDir): void {
  for (const file of [
    dir.secretsFile,
    dir.sitesFile,
    dir.defaultSiteFile,
    dir.announcementFile,
    dir.lockFile,
    dir.prosodyConfigFile,
    dir.ejabberd.configFile,
    dir.ejabberd.accountsFile,
    dir.redisConfigFile,
  ]) {
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) {
      throw new ConferenceError(
        'configuration-invalid',
        `${file} is a folder, but must be a file; move it away`,
      );
    }
  }
}

/** What a foreign error says, for the end of a sentence of ours. */
export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
