/** wrk, the load: 32 connections from one thread. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/**
 * Loads one address and returns the requests per second. Fails where any answer is an error.
 * @param {{ url: string, headers?: Record<string, string>, seconds: number }} load
 */
export async function measure({ url, headers = {}, seconds }) {
  const headerArguments = Object.entries(headers).flatMap(([name, value]) => [
    '-H',
    `${name}: ${value}`,
  ]);
  const { stdout } = await execute('wrk', [
    '-t1',
    '-c32',
    `-d${seconds}s`,
    ...headerArguments,
    url,
  ]);
  if (/Non-2xx or 3xx responses|Socket errors/.test(stdout)) {
    throw new Error(`wrk met failures at ${url}:\n${stdout}`);
  }
  const [, figure] = /Requests\/sec:\s+([\d.]+)/.exec(stdout) ?? [];
  return Number(figure);
}

/** @param {readonly number[]} figures */
export function medianOf(figures) {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)];
}
