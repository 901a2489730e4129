/** How many files and connections this process, and what it starts, may have open. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Raises the limit where it is lower, which only root may; where that fails a line says so, and
 * what needs more will fail. Node takes what the hard limit allows by itself.
 */
export function allowOpenFiles(count) {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const [, hard] = /^Max open files\s+\S+\s+(\S+)/m.exec(limits) ?? [];
  if (hard === 'unlimited' || Number(hard) >= count) {
    return;
  }
  const range = `--nofile=${count}:${count}`;
  const { status } = spawnSync('prlimit', ['--pid', String(process.pid), range]);
  if (status !== 0) {
    process.stdout.write(
      `Open files are limited to ${hard} (ulimit -Hn), which only root may raise to ${count}: tests with 10,000 connections will fail.\n`,
    );
  }
}
