/** `npm run bench` runs every benchmark, `npm run bench -- NAME...` the named ones. */
import { existsSync } from 'node:fs';
import { printMachine } from './machine.mjs';

/** Each is a file of this folder with a function `run`, which prints its figures. */
const BENCHMARKS = [
  'list',
  'list-changes',
  'join-lag',
  'new-room',
  'event-lag',
  'cold',
  'memory',
  'server-cost',
  'load',
  'size',
  'takeover',
];

const fileOf = (name) => new URL(`./${name}.mjs`, import.meta.url);
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !BENCHMARKS.includes(name) || !existsSync(fileOf(name)));
if (unknown.length > 0) {
  process.stderr.write(
    `no such benchmark: ${unknown.join(', ')}; there are: ${BENCHMARKS.join(', ')}\n`,
  );
  process.exit(2);
}
printMachine();
for (const name of asked.length > 0
  ? asked
  : BENCHMARKS.filter((name) => existsSync(fileOf(name)))) {
  const { run } = await import(fileOf(name).href);
  await run();
}
