/** One `up` at a time for each folder. */
import { linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { ConferenceError } from '@conference/muc';
import { delay } from '@conference/service-runtime';
import { isStillRunning, readProcessRecord, recordProcess } from './process-identity.js';
import { writePrivately } from './secrets.js';
import { systemErrorCode } from './system-error.js';
import { DIR_SETTING, nameOf } from './up-options.js';

/** A stop takes at most 10 s; whoever waits for one waits a little longer. */
const PREDECESSOR_STOP_MS = 12_000;
const LOOK_INTERVAL_MS = 50;

/** A lock that is held. */
export interface InstanceLock {
  /** Tells the next `up` that it need only wait. */
  announceStop(): void;
  /** Gives the lock back. */
  release(): void;
}

/**
 * Takes the lock of a folder, also one that a killed process left; waits for one that is stopping.
 * Fails with `configuration-invalid` while another process holds it.
 */
export async function takeInstanceLock(lockFile: string): Promise<InstanceLock> {
  const own = recordProcess(process.pid);
  const draft = `${lockFile}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(own), { mode: 0o600 });
  try {
    await waitForStop(lockFile);
    while (!tryLink(draft, lockFile)) {
      setAsideStaleLock(lockFile);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return {
    announceStop: () => writePrivately(lockFile, JSON.stringify({ ...own, isStopping: true })),
    release: () => rmSync(lockFile, { force: true }),
  };
}

async function waitForStop(lockFile: string): Promise<void> {
  const deadline = Date.now() + PREDECESSOR_STOP_MS;
  for (;;) {
    const holder = readProcessRecord(lockFile);
    if (holder?.isStopping !== true || !isStillRunning(holder) || Date.now() > deadline) {
      return;
    }
    await delay(LOOK_INTERVAL_MS);
  }
}

function tryLink(draft: string, lockFile: string): boolean {
  try {
    linkSync(draft, lockFile);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') {
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
    if (systemErrorCode(error) === 'ENOENT') {
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
