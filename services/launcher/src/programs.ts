/** What `up` runs: which programs, in which order, with which settings. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Program } from './child.js';
import { acceptsConnections, answersRedis, LOOPBACK, whyFacadeIsNotReady } from './probes.js';
import type { Secrets } from './secrets.js';
import type { StateDir } from './state-dir.js';
import type { UpOptions, UpPorts } from './up-options.js';

/** The domains of the Prosody that `up` runs. */
export const DOMAINS = {
  domain: 'localhost',
  anonymousDomain: 'anon.localhost',
  mucService: 'conference.localhost',
  trackerDomain: 'tracker.localhost',
} as const;

/** The times between SIGTERM and SIGKILL add up to less than the 10 s that a stop may take. */
const STOP_TIMEOUT_MS = { facade: 2_500, tracker: 2_500, prosody: 2_000, redis: 2_000 } as const;

/** How long the facade itself lets requests in flight finish at a stop. */
const FACADE_DRAIN_MS = 1_500;

export interface ProgramContext {
  readonly options: UpOptions;
  readonly dir: StateDir;
  readonly secrets: Secrets;
  /** The project's own folder, where `services/` is. */
  readonly projectDir: string;
}

/** The REST API's address. */
export function baseUrlOf(ports: UpPorts): string {
  return `http://${LOOPBACK}:${ports.http}`;
}

/** The programs in the order of their start; they stop in the reverse order. */
export function listPrograms(context: ProgramContext): Program[] {
  return context.options.store === 'memory'
    ? [prosody(context), standalone(context)]
    : [redis(context), prosody(context), tracker(context), facade(context)];
}

function prosody({ options, dir }: ProgramContext): Program {
  const { c2s, component, websocket } = options.ports;
  return {
    name: 'prosody',
    command: 'prosody',
    args: ['--config', dir.prosodyConfigFile, '-F'],
    environment: {},
    cwd: dir.path,
    whyNotReady: async () => {
      for (const port of [c2s, component, websocket]) {
        if (!(await acceptsConnections(port))) {
          return `port ${port} does not accept connections`;
        }
      }
      return undefined;
    },
    stopTimeoutMs: STOP_TIMEOUT_MS.prosody,
  };
}

function redis({ options, dir, secrets }: ProgramContext): Program {
  return {
    name: 'redis',
    command: 'redis-server',
    args: [dir.redisConfigFile],
    environment: {},
    cwd: dir.redisDataDir,
    whyNotReady: async () =>
      (await answersRedis(options.ports.redis, secrets.redisPassword))
        ? undefined
        : 'it does not answer yet',
    stopTimeoutMs: STOP_TIMEOUT_MS.redis,
  };
}

function tracker(context: ProgramContext): Program {
  return {
    ...nodeProgram('tracker', context),
    environment: { ...commonSettings(context), ...trackerSettings(context) },
    // The facade is ready when the tracker is, and says why not.
    stopTimeoutMs: STOP_TIMEOUT_MS.tracker,
  };
}

function facade(context: ProgramContext): Program {
  return {
    ...nodeProgram('facade', context),
    environment: { ...commonSettings(context), ...facadeSettings(context) },
    whyNotReady: () => whyFacadeIsNotReady(baseUrlOf(context.options.ports)),
    stopTimeoutMs: STOP_TIMEOUT_MS.facade,
  };
}

function standalone(context: ProgramContext): Program {
  return {
    ...nodeProgram('standalone', context),
    environment: {
      ...commonSettings(context),
      ...trackerSettings(context),
      ...facadeSettings(context),
    },
    whyNotReady: () => whyFacadeIsNotReady(baseUrlOf(context.options.ports)),
    stopTimeoutMs: STOP_TIMEOUT_MS.facade + STOP_TIMEOUT_MS.tracker,
  };
}

function nodeProgram(
  name: 'tracker' | 'facade' | 'standalone',
  { projectDir }: ProgramContext,
): Pick<Program, 'name' | 'command' | 'args' | 'cwd'> {
  const main = join(projectDir, 'services', name, 'dist', 'main.js');
  return { name, command: process.execPath, args: [main], cwd: projectDir };
}

/** The mains that are not built; `scripts/up.mjs` builds before it calls us. */
export function findMissingMains(context: ProgramContext): string[] {
  return listPrograms(context)
    .filter(({ command }) => command === process.execPath)
    .map(({ args }) => args[0] ?? '')
    .filter((main) => !existsSync(main));
}

function commonSettings({ options, secrets }: ProgramContext): Record<string, string> {
  return {
    MUC_SERVICES: DOMAINS.mucService,
    REDIS_URL: `redis://:${secrets.redisPassword}@${LOOPBACK}:${options.ports.redis}`,
  };
}

function trackerSettings({ options, secrets }: ProgramContext): Record<string, string> {
  return {
    XMPP_COMPONENT_HOST: LOOPBACK,
    XMPP_COMPONENT_PORT: String(options.ports.component),
    XMPP_COMPONENT_DOMAIN: DOMAINS.trackerDomain,
    XMPP_COMPONENT_SECRET: secrets.componentSecret,
    TRACKER_FEED: options.feed,
  };
}

function facadeSettings({ options, dir }: ProgramContext): Record<string, string> {
  return {
    FACADE_HOST: LOOPBACK,
    FACADE_PORT: String(options.ports.http),
    FACADE_STOP_TIMEOUT_MS: String(FACADE_DRAIN_MS),
    SITES_FILE: dir.sitesFile,
  };
}
