/** What every MUC server of a benchmark is: a process whose processor time can be read. */
import { readFileSync } from 'node:fs';
import { endProcess, isListening, spawnTied, waitUntil } from './processes.mjs';

/** The domains of every benchmark. */
export const DOMAINS = {
  domain: 'localhost',
  anonymousDomain: 'anon.localhost',
  mucService: 'conference.localhost',
  trackerDomain: 'tracker.localhost',
};

/** A second component beside the tracker, whose users fill the rooms. */
export const CROWD_DOMAIN = 'crowd.localhost';

/** At rest the server uses no more than this much processor time in this much time. */
const REST_MS = 10;
const REST_INTERVAL_MS = 300;

/**
 * Starts a server and waits until it listens.
 * @param {import('./processes.mjs').Cleanup} cleanup
 * @param {{ name: string, command: string, args: readonly string[], environment?: object, ports: readonly number[] }} options
 */
export async function startServerProcess(cleanup, { name, command, args, environment, ports }) {
  const child = spawnTied(command, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...environment },
  });
  cleanup.add(() => endProcess(child));
  for (const port of ports) {
    await waitUntil(() => isListening(port), `${name} on port ${port}`);
  }
  return {
    name,
    pid: child.pid,
    /** Processor time that the server has used so far, in ms. */
    cpuMs: () => readCpuMs(child.pid),
    /** Resolves when the server has nothing left to do from what came before. */
    waitForRest: () => waitForRest(child.pid, name),
  };
}

async function waitForRest(pid, name) {
  let beforeMs = Number.NEGATIVE_INFINITY;
  const isAtRest = () => {
    const nowMs = readCpuMs(pid);
    const usedMs = nowMs - beforeMs;
    beforeMs = nowMs;
    return usedMs <= REST_MS;
  };
  await waitUntil(isAtRest, `${name} to come to rest`, {
    intervalMs: REST_INTERVAL_MS,
    timeoutMs: 120_000,
  });
}

/** Processor time of a process so far. @see proc(5), /proc/PID/stat: utime, stime in 1/100 s */
export function readCpuMs(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** The resident set of a process, now and at its largest. @see proc(5), /proc/PID/status */
export function readResidentBytes(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const read = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)[1]) * 1024;
  return { nowBytes: read('VmRSS'), peakBytes: read('VmHWM') };
}
