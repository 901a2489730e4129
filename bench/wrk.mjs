/** wrk, the load, from one thread. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/**
 * Loads one address. Fails where any answer is an error.
 * @param {{ url: string, pid: number, headers?: Record<string, string>, seconds: number, connections?: number }} load
 *   `pid` is the one process that answers; `connections` at a time, by default 32
 * @returns {Promise<{ perSecond: number, p99Ms: number, cpuMicros: number }>} requests per second, the time
 *   that 99 in 100 stayed below, and the processor's time that one request took of the server, in
 *   millionths of a second: the figure that other processes on the machine disturb least
 */
export async function measure({ url, pid, headers = {}, seconds, connections = 32 }) {
  const headerArguments = Object.entries(headers).flatMap(([name, value]) => [
    '-H',
    `${name}: ${value}`,
  ]);
  const ticksBefore = readTicks(pid);
  const { stdout } = await execute('wrk', [
    '-t1',
    `-c${connections}`,
    '--latency',
    '--timeout',
    '20s',
    `-d${seconds}s`,
    ...headerArguments,
    url,
  ]);
  if (/Non-2xx or 3xx responses|Socket errors/.test(stdout)) {
    throw new Error(`wrk met failures at ${url}:\n${stdout}`);
  }
  const [, perSecond] = /Requests\/sec:\s+([\d.]+)/.exec(stdout) ?? [];
  const [, requests] = /(\d+) requests in/.exec(stdout) ?? [];
  const cpuMicros = ((readTicks(pid) - ticksBefore) * MICROS_PER_TICK) / Number(requests);
  const [, p99, unit] = /^\s+99%\s+([\d.]+)(us|ms|s) *$/m.exec(stdout) ?? [];
  return { perSecond: Number(perSecond), p99Ms: Number(p99) * MS_OF_UNIT[unit], cpuMicros };
}

/** Units of time as wrk writes them. */
const MS_OF_UNIT = { us: 0.001, ms: 1, s: 1_000 };

/** Linux counts a process's time in hundredths of a second. */
const MICROS_PER_TICK = 10_000;

/** The time that a process has taken of the processor, in user and in kernel mode. */
function readTicks(pid) {
  const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1) ?? '';
  const [userTicks, kernelTicks] = afterName.split(' ').slice(11, 13).map(Number);
  return userTicks + kernelTicks;
}
