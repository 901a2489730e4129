/** What `up` runs: which programs, in which order, with which settings. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Program } from './child.js';
import { answersRedis, LOOPBACK, whyFacadeIsNotReady } from './probes.js';
import { DOMAINS, type UpContext } from './up-context.js';
import type { UpPorts } from './up-options.js';
import { UP_SERVERS } from './up-servers.js';

/** The times between SIGTERM and SIGKILL add up, with the XMPP server's, to less than the 10 s that a stop may take. */
const STOP_TIMEOUT_MS = { facade: 2_500, tracker: 2_500, redis: 2_000 } as const;

/** How long the facade itself lets requests in flight finish at a stop. */
const FACADE_DRAIN_MS = 1_500;

/** The REST API's address. */
export function baseUrlOf(ports: UpPorts): string {
  return `http://${LOOPBACK}:${ports.http}`;
}

/** The programs in the order of their start; they stop in the reverse order. */
export function listPrograms(context: UpContext): Program[] {
  const server = UP_SERVERS[context.options.server].createProgram(context);
  return context.options.store === 'memory'
    ? [server, standalone(context)]
    : [redis(context), server, tracker(context), facade(context)];
}

function redis({ options, dir, secrets }: UpContext): Program {
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

function tracker(context: UpContext): Program {
  return {
    ...nodeProgram('tracker', context),
    environment: { ...commonSettings(context), ...trackerSettings(context) },
    // The facade is ready when the tracker is, and says why not.
    stopTimeoutMs: STOP_TIMEOUT_MS.tracker,
  };
}

function facade(context: UpContext): Program {
  return {
    ...nodeProgram('facade', context),
    environment: { ...commonSettings(context), ...facadeSettings(context) },
    whyNotReady: () => whyFacadeIsNotReady(baseUrlOf(context.options.ports)),
    stopTimeoutMs: STOP_TIMEOUT_MS.facade,
  };
}

function standalone(context: UpContext): Program {
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
  { projectDir }: UpContext,
): Pick<Program, 'name' | 'command' | 'args' | 'cwd'> {
  const main = join(projectDir, 'services', name, 'dist', 'main.js');
  return { name, command: process.execPath, args: [main], cwd: projectDir };
}

/** The mains that are not built; `scripts/up.mjs` builds before it calls us. */
export function findMissingMains(context: UpContext): string[] {
  return listPrograms(context)
    .filter(({ command }) => command === process.execPath)
    .map(({ args }) => args[0] ?? '')
    .filter((main) => !existsSync(main));
}

function commonSettings({ options, secrets }: UpContext): Record<string, string> {
  return {
    MUC_SERVICES: DOMAINS.mucService,
    REDIS_URL: `redis://:${secrets.redisPassword}@${LOOPBACK}:${options.ports.redis}`,
    // Each server's rooms have a place of their own: those of the other one must keep their dates.
    REDIS_KEY_PREFIX: options.server === 'prosody' ? 'conference' : `conference-${options.server}`,
  };
}

function trackerSettings({ options, secrets }: UpContext): Record<string, string> {
  return {
    XMPP_COMPONENT_HOST: LOOPBACK,
    XMPP_COMPONENT_PORT: String(options.ports.component),
    XMPP_COMPONENT_DOMAIN: DOMAINS.trackerDomain,
    XMPP_COMPONENT_SECRET: secrets.componentSecret,
    TRACKER_FEED: options.feed,
  };
}

function facadeSettings({ options, dir }: UpContext): Record<string, string> {
  return {
    FACADE_HOST: LOOPBACK,
    FACADE_PORT: String(options.ports.http),
    FACADE_STOP_TIMEOUT_MS: String(FACADE_DRAIN_MS),
    SITES_FILE: dir.sitesFile,
  };
}
