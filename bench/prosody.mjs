/**
 * A real Prosody with the configuration that `up` writes, and beside it a second component, the
 * crowd, whose users fill the rooms: thousands of occupants over one connection.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeProsodyConfig } from '@conference/launcher';
import { FEED } from './feed.mjs';
import { loopClockConfig } from './loop-clock.mjs';
import { findFreePorts } from './processes.mjs';
import { CROWD_DOMAIN, DOMAINS, startServerProcess } from './server-process.mjs';

const MODULES = fileURLToPath(new URL('../prosody', import.meta.url));

/** With BENCH_PROSODY_GC, e.g. 105 as Prosody has it by default, the collector's threshold is that. */
function setCollector(configFile) {
  const threshold = process.env.BENCH_PROSODY_GC;
  if (threshold === undefined) return;
  const config = readFileSync(configFile, 'utf8');
  writeFileSync(configFile, config.replace(/^gc = .*$/m, `gc = { threshold = ${threshold} }`));
}

/**
 * @param {import('./processes.mjs').Cleanup} cleanup
 * @param {{ isKeptInMemory?: boolean, hasFeed?: boolean, hasLoopClock?: boolean, standbyTrackerDomains?: string[] }} options `isKeptInMemory`: nothing of
 *   the rooms is written to disk, since Prosody's own storage rewrites one file for each room that
 *   becomes persistent; `hasFeed`: the module of ours is loaded, by default as this run has it; `hasLoopClock`: the turns of its
 *   loop are measured
 */
export async function startProsody(
  cleanup,
  {
    isKeptInMemory = false,
    hasFeed = FEED === 'feed',
    hasLoopClock = false,
    standbyTrackerDomains = [],
  } = {},
) {
  const directory = cleanup.makeDirectory();
  const [c2s, component, websocket] = await findFreePorts(3);
  const componentSecret = randomBytes(16).toString('hex');
  const configFile = join(directory, 'prosody.cfg.lua');
  writeProsodyConfig(configFile, {
    interfaces: ['127.0.0.1'],
    ports: { c2s, component, websocket },
    dataDir: join(directory, 'data'),
    ...DOMAINS,
    standbyTrackerDomains,
    componentSecret,
    isRoot: process.getuid?.() === 0,
    ...(hasFeed ? { feedModuleDir: MODULES } : {}),
    extraMucConfig: [
      ...(isKeptInMemory ? ['storage = "memory"'] : []),
      `Component "${CROWD_DOMAIN}"`,
      `component_secret = "${componentSecret}"`,
      ...(hasLoopClock ? loopClockConfig({ componentSecret, feedModuleDir: MODULES }) : []),
    ].join('\n'),
  });
  setCollector(configFile);
  const server = await startServerProcess(cleanup, {
    name: 'Prosody',
    command: 'prosody',
    args: ['--config', configFile, '-F'],
    ports: [c2s, component],
  });
  return {
    ...server,
    ...DOMAINS,
    c2sPort: c2s,
    componentPort: component,
    componentSecret,
    crowdDomain: CROWD_DOMAIN,
    crowdPort: component,
  };
}
