/** Telling whether a process id still means the process that once had it. */
import { readFileSync } from 'node:fs';
import { systemErrorCode } from './system-error.js';

/**
 * A name for a process that no other one ever gets, or undefined where no such process runs: the
 * boot and the time of its start beside its id. A process id alone is given again.
 */
export function identifyProcess(pid: number): string | undefined {
  try {
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in parentheses and may hold blanks and parentheses itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, startTime] = [fields[0], fields[19]];
    return state === 'Z' || startTime === undefined ? undefined : `${bootId}:${pid}:${startTime}`;
  } catch (error) {
    if (systemErrorCode(error) !== undefined) {
      return undefined;
    }
    throw error;
  }
}

/** A process as it is written down. */
export interface ProcessRecord {
  readonly pid: number;
  readonly identity: string;
  /** It is about to end by itself. */
  readonly isStopping?: boolean;
}

/** The record of a running process; undefined where it has ended already. */
export function recordProcess(pid: number): ProcessRecord | undefined {
  const identity = identifyProcess(pid);
  return identity === undefined ? undefined : { pid, identity };
}

/** Reads a written record; undefined where there is none that makes sense. */
export function readProcessRecord(file: string): ProcessRecord | undefined {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as Partial<ProcessRecord>;
    return typeof value.pid === 'number' && typeof value.identity === 'string'
      ? { pid: value.pid, identity: value.identity, isStopping: value.isStopping === true }
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || systemErrorCode(error) !== undefined) {
      return undefined;
    }
    throw error;
  }
}

/** Tells whether the very process of the record still runs. */
export function isStillRunning(record: ProcessRecord): boolean {
  return identifyProcess(record.pid) === record.identity;
}
