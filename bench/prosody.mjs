/**
 * A real Prosody with the configuration that `up` writes, and beside it a second component, the
 * crowd, whose users fill the rooms: thousands of occupants over one connection.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeProsodyConfig } from '@conference/launcher';
import { FEED } from './feed.mjs';
import { endProcess, findFreePorts, isListening, spawnTied, waitUntil } from './processes.mjs';

const MODULES = fileURLToPath(new URL('../prosody', import.meta.url));

/** At rest the server uses no more than this much processor time in this much time. */
const REST_MS = 10;
const REST_INTERVAL_MS = 300;

/**
 * @param {import('./processes.mjs').Cleanup} cleanup
 * @param {{ isKeptInMemory?: boolean, hasFeed?: boolean }} options `isKeptInMemory`: nothing of
 *   the rooms is written to disk, since Prosody's own storage rewrites one file for each room that
 *   becomes persistent; `hasFeed`: the module of ours is loaded, by default as this run has it
 */
export async function startProsody(
  cleanup,
  { isKeptInMemory = false, hasFeed = FEED === 'feed' } = {},
) {
  const directory = cleanup.makeDirectory();
  const [c2s, component, websocket] = await findFreePorts(3);
  const componentSecret = randomBytes(16).toString('hex');
  const crowdDomain = 'crowd.localhost';
  const configFile = join(directory, 'prosody.cfg.lua');
  writeProsodyConfig(configFile, {
    interfaces: ['127.0.0.1'],
    ports: { c2s, component, websocket },
    dataDir: join(directory, 'data'),
    domain: 'localhost',
    anonymousDomain: 'anon.localhost',
    mucService: 'conference.localhost',
    trackerDomain: 'tracker.localhost',
    componentSecret,
    isRoot: process.getuid?.() === 0,
    ...(hasFeed ? { feedModuleDir: MODULES } : {}),
    extraMucConfig: [
      ...(isKeptInMemory ? ['storage = "memory"'] : []),
      `Component "${crowdDomain}"`,
      `component_secret = "${componentSecret}"`,
    ].join('\n'),
  });
  const child = spawnTied('prosody', ['--config', configFile, '-F'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  cleanup.add(() => endProcess(child));
  for (const port of [c2s, component]) {
    await waitUntil(() => isListening(port), `Prosody on port ${port}`);
  }
  return {
    c2sPort: c2s,
    componentPort: component,
    componentSecret,
    anonymousDomain: 'anon.localhost',
    mucService: 'conference.localhost',
    trackerDomain: 'tracker.localhost',
    crowdDomain,
    /** Processor time that the server has used so far, in ms. */
    cpuMs: () => readCpuMs(child.pid),
    /** Resolves when the server has nothing left to do from what came before. */
    waitForRest: () => waitForRest(child.pid),
  };
}

async function waitForRest(pid) {
  let beforeMs = Number.NEGATIVE_INFINITY;
  const isAtRest = () => {
    const nowMs = readCpuMs(pid);
    const usedMs = nowMs - beforeMs;
    beforeMs = nowMs;
    return usedMs <= REST_MS;
  };
  await waitUntil(isAtRest, 'Prosody to come to rest', { intervalMs: REST_INTERVAL_MS });
}

/** @see proc(5), /proc/PID/stat: utime and stime in hundredths of a second */
function readCpuMs(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
