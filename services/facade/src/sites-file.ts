/** The file with the sites: read whole, written whole, and never seen half written. */
import { ConferenceError } from '@conference/muc';
import { delay } from '@conference/service-runtime';
import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { z } from 'zod';
import { sitesSchema, type Sites } from './site.js';

const LOCK_TIMEOUT_MS = 5000;
const LOCK_RETRY_MS = 20;

/** The file cannot be used. */
export class SitesFileError extends ConferenceError {
  /** @param why a sentence for people without the path, which is nobody's business outside */
  constructor(
    path: string,
    readonly why: string,
    cause: unknown,
  ) {
    super('configuration-invalid', `SITES_FILE ${path}: ${why}`, { cause });
  }
}

/** Tells whether an error of the file system has the given code, e.g. `ENOENT`. */
export function hasFileCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

/**
 * Reads and checks the file; undefined where there is none.
 * Fails with `configuration-invalid`, with a sentence that names the file and never shows a hash.
 */
export async function readSitesFile(path: string): Promise<Sites | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasFileCode(error, 'ENOENT')) {
      return undefined;
    }
    throw new SitesFileError(path, 'it cannot be read', error);
  }
  return parseSites(path, text);
}

function parseSites(path: string, text: string): Sites {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SitesFileError(path, 'it is no JSON', error);
  }
  const result = sitesSchema.safeParse(value);
  if (!result.success) {
    throw new SitesFileError(path, z.prettifyError(result.error).replaceAll('\n', ' '), undefined);
  }
  return result.data;
}

/**
 * Reads, changes and writes the file (mode 600, replaced by a rename) while no other process does.
 * Fails with `configuration-invalid` where the file is unusable or somebody keeps it locked.
 * @param change gets what stands in the file; what it throws leaves the file as it is
 */
export async function changeSitesFile<T>(
  path: string,
  change: (sites: Sites) => { readonly sites: Sites; readonly result: T },
  lockTimeoutMs = LOCK_TIMEOUT_MS,
): Promise<T> {
  const unlock = await lock(`${path}.lock`, lockTimeoutMs);
  try {
    const { sites, result } = change((await readSitesFile(path)) ?? { version: 1, sites: [] });
    await replaceFile(path, `${JSON.stringify(sites, undefined, 2)}\n`);
    return result;
  } finally {
    await unlock();
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw new SitesFileError(path, 'it cannot be written', error);
  }
}

/**
 * The lock is a file that only one process can create. One that was left behind is never broken
 * by itself: whoever breaks locks races with whoever else does.
 */
async function lock(lockPath: string, timeoutMs: number): Promise<() => Promise<void>> {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    try {
      await (await open(lockPath, 'wx', 0o600)).close();
      return () => rm(lockPath, { force: true });
    } catch (error) {
      if (!hasFileCode(error, 'EEXIST')) {
        throw new SitesFileError(lockPath, 'it cannot be made', error);
      }
      if (Date.now() > deadlineMs) {
        throw new SitesFileError(
          lockPath,
          'another change is going on; if none is, delete this file',
          error,
        );
      }
      await delay(LOCK_RETRY_MS);
    }
  }
}
