/** What every process does around its service: start, wait for a signal, stop, exit. */
import { ConferenceError } from '@conference/muc';

/** A service that runs until it is stopped. */
export interface RunningService {
  stop(): Promise<void>;
}

/**
 * Starts a service and stops it once on SIGTERM or SIGINT. A configuration error ends the process
 * with code 2 and its sentence alone; any other failure to start with code 1 and its stack.
 */
export async function runMain(start: () => Promise<RunningService>): Promise<void> {
  try {
    const service = await start();
    const stop = (): void => {
      void service.stop().then(() => process.exit(0));
    };
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
  } catch (error) {
    if (error instanceof ConferenceError) {
      process.stderr.write(`${error.message}\n`);
      process.exit(error.code === 'configuration-invalid' ? 2 : 1);
    }
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  }
}
