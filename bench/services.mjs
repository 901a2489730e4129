/** Tracker and facade as processes, as they are run in earnest, and what they say of themselves. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { addSiteToFile } from '@conference/facade';
import { FEED } from './feed.mjs';
import { endProcess, findFreePorts, spawnTied, waitUntil } from './processes.mjs';
import { readCpuMs, readResidentBytes } from './server-process.mjs';

export const SITE_ID = 'bench';

const PROBE = new URL('./memory-probe.mjs', import.meta.url).href;
const PROFILE_DIRECTORY = process.env.BENCH_CPU_PROFILES;

/**
 * Starts the tracker, with BENCH_TRACKER_NODE_OPTIONS. With BENCH_CPU_PROFILES set to a folder, it
 * leaves a CPU profile there.
 * @param {import('./processes.mjs').Cleanup} cleanup
 * @param {{ prosody: object, redis: object, settings?: Record<string, string> }} options
 */
export function startTracker(cleanup, { prosody, redis, settings = {} }) {
  return startService(cleanup, 'tracker', {
    XMPP_COMPONENT_PORT: String(prosody.componentPort),
    XMPP_COMPONENT_DOMAIN: prosody.trackerDomain,
    XMPP_COMPONENT_SECRET: prosody.componentSecret,
    MUC_SERVICES: prosody.mucService,
    REDIS_URL: redis.url,
    TRACKER_FEED: FEED,
    ...settings,
    ...nodeOptions(process.env.BENCH_TRACKER_NODE_OPTIONS),
    ...settingsFrom(process.env, ['PUBLISH_DELAY_MS', 'TRACKER_PARALLEL_REQUESTS']),
  });
}

/** Starts the facade with one site, whose rooms are those whose localpart ends in `|bench`. */
export async function startFacade(cleanup, { prosody, redis }) {
  const sitesFile = join(cleanup.makeDirectory(), 'sites.json');
  const { apiKey } = await addSiteToFile(sitesFile, SITE_ID, { by: 'suffix' });
  const [port] = await findFreePorts(1);
  const service = startService(cleanup, 'facade', {
    FACADE_PORT: String(port),
    SITES_FILE: sitesFile,
    MUC_SERVICES: prosody.mucService,
    REDIS_URL: redis.url,
  });
  const authorization = `Basic ${Buffer.from(`${SITE_ID}:${apiKey}`).toString('base64')}`;
  const url = `http://127.0.0.1:${port}/v1/conference.json`;
  await waitUntil(() => fetch(url).then(Boolean, () => false), 'the facade to answer');
  return { ...service, port, url, authorization };
}

function nodeOptions(options) {
  return options === undefined ? {} : { NODE_OPTIONS: options };
}

function settingsFrom(environment, names) {
  return Object.fromEntries(
    names.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
  );
}

function startService(cleanup, name, settings) {
  const main = fileURLToPath(new URL(`../services/${name}/dist/main.js`, import.meta.url));
  if (!existsSync(main)) {
    throw new Error('the services are not built: run `npm run build` first');
  }
  const profiling =
    PROFILE_DIRECTORY === undefined
      ? []
      : [
          '--cpu-prof',
          `--cpu-prof-dir=${PROFILE_DIRECTORY}`,
          `--cpu-prof-name=${name}-${Date.now()}.cpuprofile`,
        ];
  const startedMs = Date.now();
  const child = spawnTied(
    process.execPath,
    ['--expose-gc', '--import', PROBE, ...profiling, main],
    {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      env: { PATH: process.env.PATH, NODE_ENV: 'production', LOG_LEVEL: 'info', ...settings },
    },
  );
  const logLines = [];
  createInterface({ input: child.stdout }).on('line', (line) => logLines.push(JSON.parse(line)));
  const stop = () => endProcess(child);
  cleanup.add(stop);
  return {
    pid: child.pid,
    startedMs,
    stop,
    /** SIGKILL, without waiting for the end. */
    kill: () => child.kill('SIGKILL'),
    /** Processor time that it has used so far, in ms. */
    cpuMs: () => readCpuMs(child.pid),
    /** Its resident set, now and at its largest, in bytes. */
    residentBytes: () => readResidentBytes(child.pid),
    /** The first log line whose message begins so, once it is there. */
    waitForLog: (beginning) =>
      waitUntil(() => {
        if (child.exitCode !== null) {
          throw new Error(`${name} ended: ${JSON.stringify(logLines.slice(-3))}`);
        }
        return logLines.find(({ msg }) => msg.startsWith(beginning));
      }, `${name} to say "${beginning}"`),
    /**
     * `process.memoryUsage()` after garbage collection, CPU time so far in ms, and the longest
     * pause of the event loop since the last call.
     */
    async measure() {
      const answer = once(child, 'message');
      child.send('measure');
      const [measured] = await answer;
      return measured;
    },
  };
}
