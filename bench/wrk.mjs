/** wrk, the load: 32 connections from one thread. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/**
 * Loads one address. Fails where any answer is an error.
 * @param {{ url: string, pid: number, headers?: Record<string, string>, seconds: number }} load
 *   `pid` is the one process that answers
 * @returns {Promise<{ perSecond: number, cpuMicros: number }>} requests per second, and the
 *   processor's time that one request took of the server, in millionths of a second: the figure
 *   that other processes on the machine disturb least
 */
export async function measure({ url, pid, headers = {}, seconds }) {
  const headerArguments = Object.entries(headers).flatMap(([name, value]) => [
    '-H',
    `${name}: ${value}`,
  ]);
  const ticksBefore = readTicks(pid);
  const { stdout } = await execute('wrk', [
    '-t1',
    '-c32',
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
  return { perSecond: Number(perSecond), cpuMicros };
}

/** Linux counts a process's time in hundredths of a second. */
const MICROS_PER_TICK = 10_000;

/** The time that a process has taken of the processor, in user and in kernel mode. */
function readTicks(pid) {
  const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1) ?? '';
  const [userTicks, kernelTicks] = afterName.split(' ').slice(11, 13).map(Number);
  return userTicks + kernelTicks;
}

/** @param {readonly number[]} figures */
export function medianOf(figures) {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)];
}
