/** One child process: started so that it cannot outlive us, recorded, logged, stopped in time. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { delay } from '@conference/service-runtime';
import { recordProcess } from './process-identity.js';
import { writePrivately } from './secrets.js';
import type { StateDir } from './state-dir.js';

/** What to run, and how to tell that it is ready. */
export interface Program {
  /** For people and file names, e.g. `tracker`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Added to our own environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Undefined when ready, otherwise why not. Absent where a later program tells of this one. */
  readonly whyNotReady?: () => Promise<string | undefined>;
  /** How long it gets between SIGTERM and SIGKILL, in ms. */
  readonly stopTimeoutMs: number;
}

/** How a child ended. */
export interface ChildEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

const LOG_BYTES_KEPT = 10 * 1024 * 1024;

export class Child {
  readonly logFile: string;
  /** Resolves when the process has ended, however that came. */
  readonly ended: Promise<ChildEnd>;
  /** How it ended; undefined while it runs. */
  end: ChildEnd | undefined;
  readonly #process: ChildProcess;
  readonly #recordFile: string;
  readonly #logOffset: number;

  /** Starts the process. */
  constructor(
    readonly program: Program,
    dir: StateDir,
  ) {
    this.logFile = join(dir.logDir, `${program.name}.log`);
    this.#recordFile = join(dir.runDir, `${program.name}.json`);
    this.#logOffset = rotateLog(this.logFile);
    const log = openSync(this.logFile, 'a', 0o600);
    // With pdeathsig the kernel ends the child when we are killed. Its own session keeps Ctrl-C
    // in a terminal from reaching it beside us, before its turn.
    this.#process = spawn(
      'setpriv',
      ['--pdeathsig', 'TERM', '--', program.command, ...program.args],
      {
        cwd: program.cwd,
        env: { ...process.env, ...program.environment },
        stdio: ['ignore', log, log],
        detached: true,
      },
    );
    closeSync(log);
    this.ended = this.#watchEnd().then((end) => {
      this.end = end;
      rmSync(this.#recordFile, { force: true });
      return end;
    });
    const record = this.#process.pid === undefined ? undefined : recordProcess(this.#process.pid);
    if (record !== undefined) {
      writePrivately(this.#recordFile, JSON.stringify(record));
    }
  }

  /** The last lines that the child wrote since it was started. */
  lastWords(lines = 5): string {
    const written = readFileSync(this.logFile).subarray(this.#logOffset).toString('utf8');
    return written.trimEnd().split('\n').slice(-lines).join('\n');
  }

  /** SIGTERM, and SIGKILL when its time is over. */
  async stop(): Promise<void> {
    if (this.end === undefined) {
      // A stopped process takes no SIGTERM until it is continued.
      this.#process.kill('SIGTERM');
      this.#process.kill('SIGCONT');
      const isOver = new AbortController();
      const tooLate = delay(this.program.stopTimeoutMs, isOver.signal).then(() => {
        if (!isOver.signal.aborted) {
          this.#process.kill('SIGKILL');
        }
      });
      await this.ended;
      isOver.abort();
      await tooLate;
    }
  }

  async #watchEnd(): Promise<ChildEnd> {
    try {
      const [exitCode, signal] = (await once(this.#process, 'exit')) as [
        number | null,
        NodeJS.Signals | null,
      ];
      return { exitCode, signal };
    } catch {
      // `setpriv` itself is missing: the same as a program that cannot be run.
      return { exitCode: 127, signal: null };
    }
  }
}

/** Starts a new log when the old one is long; returns how long the current one is. */
function rotateLog(file: string): number {
  const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes > LOG_BYTES_KEPT) {
    renameSync(file, `${file}.1`);
    return 0;
  }
  return bytes;
}

/** "ended with code 1", "was ended by SIGKILL". */
export function describeEnd(end: ChildEnd): string {
  return end.signal === null ? `ended with code ${end.exitCode}` : `was ended by ${end.signal}`;
}
