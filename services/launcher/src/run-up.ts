/** `npm run up` as a process: its signals, its output, its exit code. */
import { fileURLToPath } from 'node:url';
import { ConferenceError } from '@conference/muc';
import { delay } from '@conference/service-runtime';
import { startUp } from './up.js';
import { readUpOptions, upHelp } from './up-options.js';

const PARENT_LOOK_INTERVAL_MS = 250;

const projectDir = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * Runs until Ctrl-C, SIGTERM, the end of the terminal, or the end of the npm that started it.
 * Failures print one sentence and end with code 1.
 */
export async function runUp(args: readonly string[]): Promise<void> {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  // Ctrl-C comes twice under npm, from the terminal and from npm: further signals change nothing.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, end);
  }
  // A reader that went away, e.g. of `npm run up | head`.
  process.stdout.on('error', end);
  process.stderr.on('error', end);
  const say = (line: string): void => void process.stdout.write(`${line}\n`);

  try {
    const options = readUpOptions(args, process.env);
    if (options === 'help') {
      say(upHelp());
      return;
    }
    const up = await startUp({ options, projectDir, say, signal: ending.signal });
    if (up !== undefined) {
      await Promise.race([aborted(ending.signal), lossOfNpm(ending.signal)]);
      say('Stopping');
      await up.stop();
    }
    say('Stopped');
  } catch (error) {
    if (!(error instanceof ConferenceError)) {
      throw error;
    }
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
    }
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Resolves when npm, which would have passed signals on to us, is gone itself (killed). */
async function lossOfNpm(signal: AbortSignal): Promise<void> {
  const parent = process.ppid;
  const isUnderNpm = process.env['npm_lifecycle_event'] !== undefined;
  while (!signal.aborted && (!isUnderNpm || process.ppid === parent)) {
    await delay(PARENT_LOOK_INTERVAL_MS, signal);
  }
}
