/** One `up` at a time for each folder. */
import { linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { ConferenceError } from '@conference/muc';
import { isStillRunning, readProcessRecord, recordProcess } from './process-identity.js';
import { DIR_SETTING, nameOf } from './up-options.js';

/**
 * Takes the lock of a folder, also one that a killed process left; returns what gives it back.
 * Fails with `configuration-invalid` while another process holds it.
 */
export function takeInstanceLock(lockFile: string): () => void {
  const draft = `${lockFile}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(recordProcess(process.pid)), { mode: 0o600 });
  try {
    while (!tryLink(draft, lockFile)) {
      setAsideStaleLock(lockFile);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return () => rmSync(lockFile, { force: true });
}

function tryLink(draft: string, lockFile: string): boolean {
  try {
    linkSync(draft, lockFile);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      return false;
    }
    throw error;
  }
}

/**
 * Moves a lock away whose process has ended. The move is checked: between the look and the move
 * another process may have done the same and taken the lock.
 */
function setAsideStaleLock(lockFile: string): void {
  refuseIfHeld(lockFile, lockFile);
  const aside = `${lockFile}.stale-${process.pid}`;
  try {
    renameSync(lockFile, aside);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return;
    }
    throw error;
  }
  try {
    refuseIfHeld(aside, lockFile);
  } catch (error) {
    renameSync(aside, lockFile);
    throw error;
  }
  rmSync(aside, { force: true });
}

function refuseIfHeld(file: string, lockFile: string): void {
  const holder = readProcessRecord(file);
  if (holder !== undefined && isStillRunning(holder)) {
    throw new ConferenceError(
      'configuration-invalid',
      `another "npm run up" (process ${holder.pid}) uses ${lockFile}; stop it first, or give this one its own folder with ${nameOf(DIR_SETTING)}`,
    );
  }
}
