/** Ending what an earlier `up` that was killed left running, and nothing else. */
import { readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { delay } from '@conference/service-runtime';
import { isStillRunning, type ProcessRecord, readProcessRecord } from './process-identity.js';
import { systemErrorCode } from './system-error.js';

const END_TIMEOUT_MS = 4_000;
const LOOK_INTERVAL_MS = 25;

/**
 * Ends every recorded process that still is the one that was started then: another one that got
 * the same process id has started at another time, and is left alone.
 * @param runDir the folder of the records
 * @param say told one sentence for each process that is ended
 */
export async function endLeftovers(runDir: string, say: (line: string) => void): Promise<void> {
  const files = readdirSync(runDir).filter((file) => file.endsWith('.json'));
  await Promise.all(
    files.map(async (file) => {
      const path = join(runDir, file);
      const record = readProcessRecord(path);
      if (record !== undefined && isStillRunning(record)) {
        say(`Ending ${basename(file, '.json')} (process ${record.pid}), left by an earlier run`);
        await endProcess(record);
      }
      rmSync(path, { force: true });
    }),
  );
}

async function endProcess(record: ProcessRecord): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!isStillRunning(record)) {
      return;
    }
    sendSignal(record.pid, signal);
    sendSignal(record.pid, 'SIGCONT');
    const deadline = Date.now() + END_TIMEOUT_MS;
    while (isStillRunning(record) && Date.now() < deadline) {
      await delay(LOOK_INTERVAL_MS);
    }
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // Ended between the look and the signal.
    if (systemErrorCode(error) !== 'ESRCH') {
      throw error;
    }
  }
}
