/**
 * A real Prosody with the configuration that `up` writes, and beside it a second component, the
 * crowd, whose users fill the rooms: thousands of occupants over one connection.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { writeProsodyConfig } from '@conference/launcher';
import { endProcess, findFreePorts, isListening, spawnTied, waitUntil } from './processes.mjs';

/**
 * @param {import('./processes.mjs').Cleanup} cleanup
 * @param {{ isKeptInMemory?: boolean }} options `isKeptInMemory`: nothing of the rooms is written
 *   to disk, since Prosody's own storage rewrites one file for each room that becomes persistent
 */
export async function startProsody(cleanup, { isKeptInMemory = false } = {}) {
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
  };
}
