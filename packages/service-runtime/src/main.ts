/** What every process does around its service: start, wait for a signal, stop, exit. */
import { ConferenceError } from '@conference/muc';

/** A service that runs until it is stopped. */
export interface RunningService {
  stop(): Promise<void>;
}

/**
 * Starts a service and stops it once on SIGTERM or SIGINT, with exit code 0; further signals
 * change nothing about the stop. A configuration error ends the process with code 2 and its
 * sentence alone; any other failure, to start or to stop, with code 1 and its stack.
 */
export async function runMain(start: () => Promise<RunningService>): Promise<void> {
  try {
    const service = await start();
    let isStopping = false;
    const stop = (): void => {
      // A terminal and npm may both pass on the same Ctrl-C.
      if (isStopping) return;
      isStopping = true;
      service.stop().then(() => process.exit(0), exitWith);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  } catch (error) {
    exitWith(error);
  }
}

function exitWith(error: unknown): never {
  if (error instanceof ConferenceError) {
    process.stderr.write(`${error.message}\n`);
    process.exit(error.code === 'configuration-invalid' ? 2 : 1);
  }
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
}
