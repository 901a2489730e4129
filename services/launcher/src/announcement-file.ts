/** `up.json`: there exactly while everything is up, also where the launcher is killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, rmSync } from 'node:fs';
import type { Announcement } from './announcement.js';
import { writePrivately } from './secrets.js';

/**
 * Waits until nobody holds the other end of its input, then removes the file of its first argument,
 * if it still is the one that it has open: a later `up` may have written another.
 */
const REMOVE_AT_END_OF_INPUT = 'cat >/dev/null; [ ! "$0" -ef /dev/fd/3 ] || rm -f -- "$0"';

/** An announcement that programs can read. */
export interface PublishedAnnouncement {
  /** Removes it. May be called twice. */
  withdraw(): Promise<void>;
}

/**
 * Writes the announcement (mode 600): whoever waits for the file finds everything ready. A shell in
 * a session of its own removes it: the kernel closes its input also when this process is killed.
 */
export function publishAnnouncement(
  file: string,
  announcement: Announcement,
): PublishedAnnouncement {
  writePrivately(file, `${JSON.stringify(announcement, undefined, 2)}\n`);
  const written = openSync(file, 'r');
  const remover = spawn('sh', ['-c', REMOVE_AT_END_OF_INPUT, file], {
    stdio: ['pipe', 'ignore', 'ignore', written],
    detached: true,
  });
  closeSync(written);
  const hasRemoved = once(remover, 'exit').then(
    ([exitCode]) => exitCode === 0,
    () => false,
  );
  return {
    withdraw: async () => {
      remover.stdin?.end();
      if (!(await hasRemoved)) {
        rmSync(file, { force: true });
      }
    },
  };
}
