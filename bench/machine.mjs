/** On what the figures were measured: no benchmark says anything without it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

/** Prints the machine and the versions, and how busy the machine is with other things. */
export function printMachine() {
  const cpu = cpus()[0]?.model.trim() ?? 'unknown';
  const memory = (totalmem() / 1024 ** 3).toFixed(1);
  const [oneMinute, fiveMinutes] = loadavg().map((load) => load.toFixed(2));
  const lines = [
    `machine: ${availableParallelism()} cores, ${cpu}, ${memory} GiB, Linux ${release()}`,
    `versions: ${[`Node ${process.versions.node}`, prosody(), redis(), nginx()].join(', ')}`,
    `load before the run: ${oneMinute} (1 min), ${fiveMinutes} (5 min)`,
  ];
  process.stdout.write(`${lines.join('\n')}\n\n`);
}

function prosody() {
  return `Prosody ${/^Prosody (\d\S*)/m.exec(output('prosodyctl', ['about']))?.[1] ?? 'absent'}`;
}

function redis() {
  return `Redis ${/v=(\S+)/.exec(output('redis-server', ['--version']))?.[1] ?? 'absent'}`;
}

function nginx() {
  const { stderr } = spawnSync('nginx', ['-v'], { encoding: 'utf8' });
  return `nginx ${/nginx\/(\S+)/.exec(stderr ?? '')?.[1] ?? 'absent'}`;
}

function output(command, args) {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}
