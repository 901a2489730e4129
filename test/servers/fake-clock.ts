/**
 * A clock for one process that can be set while it runs (Debian's `faketime`). Only the time of day
 * moves; the monotonic clock, timers and all other processes stay as they are.
 */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where Debian has it, for whichever processor: the loader knows `$LIB`. */
const LIBRARY = '/usr/$LIB/faketime/libfaketimeMT.so.1';

export class FakeClock {
  readonly #dir = mkdtempSync(join(tmpdir(), 'conference-clock-'));
  readonly #file = join(this.#dir, 'offset');

  constructor() {
    this.set(0);
  }

  /** What the process is to be started with. */
  get environment(): Readonly<Record<string, string>> {
    return {
      LD_PRELOAD: LIBRARY,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** Sets it to so many seconds after the true time, at once. */
  set(offsetSeconds: number): void {
    // In one step: half a number would be another time.
    const next = join(this.#dir, 'next');
    writeFileSync(next, `${offsetSeconds < 0 ? '' : '+'}${offsetSeconds}s`);
    renameSync(next, this.#file);
  }

  remove(): void {
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
