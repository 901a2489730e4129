/** `npm run up`: everything on loopback, from the first check to the last stop. */
import { rmSync } from 'node:fs';
import { ConferenceError } from '@conference/muc';
import { type Announcement, describeAnnouncement } from './announcement.js';
import { type PublishedAnnouncement, publishAnnouncement } from './announcement-file.js';
import { ensurePackages } from './debian-packages.js';
import { ensureDefaultSite } from './default-site.js';
import { DEBIAN_PACKAGES } from './install-script.js';
import { takeInstanceLock } from './instance-lock.js';
import { endLeftovers } from './leftovers.js';
import { LOOPBACK, requireFreePort } from './probes.js';
import { baseUrlOf, findMissingMains, listPrograms } from './programs.js';
import { buildRedisConfig } from './redis-config.js';
import { loadSecrets, writePrivately } from './secrets.js';
import { openStateDir, type StateDir } from './state-dir.js';
import { Supervisor } from './supervisor.js';
import { DOMAINS, listAccounts, type UpContext } from './up-context.js';
import { PORT_SETTINGS, type UpOptions, type UpPorts } from './up-options.js';
import { UP_SERVERS } from './up-servers.js';

export interface RunningUp {
  readonly announcement: Announcement;
  /** Stops everything within 10 s. May be called twice. */
  stop(): Promise<void>;
}

export interface UpInput {
  readonly options: UpOptions;
  /** The project's own folder. */
  readonly projectDir: string;
  /** Shows a line to people. */
  readonly say: (line: string) => void;
  /** Aborts the start; what was started is stopped. */
  readonly signal: AbortSignal;
}

/**
 * Starts everything and resolves when the REST API is ready; undefined when the signal ended the
 * start. On failure nothing is left running.
 * Fails with `configuration-invalid` (a sentence that names the setting) or `timeout`.
 */
export async function startUp(input: UpInput): Promise<RunningUp | undefined> {
  const { options, say, signal } = input;
  const dir = openStateDir(options.dir);
  const lock = await takeInstanceLock(dir.lockFile);
  const supervisor = new Supervisor(dir, say);
  let published: PublishedAnnouncement | undefined;
  const stop = async (): Promise<void> => {
    await published?.withdraw();
    lock.announceStop();
    await supervisor.stop();
    lock.release();
  };
  const abort = (): void => void supervisor.stop();
  signal.addEventListener('abort', abort);
  try {
    const context = await prepare(input, dir);
    for (const program of listPrograms(context)) {
      if (signal.aborted) {
        break;
      }
      say(`Starting ${program.name}`);
      await supervisor.start(program);
    }
    if (signal.aborted) {
      await stop();
      return undefined;
    }
    supervisor.keepAlive();
    const announcement = await buildAnnouncement(context);
    published = publishAnnouncement(dir.announcementFile, announcement);
    say(describeAnnouncement(announcement, dir.announcementFile, options.store, process.env));
    return { announcement, stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Everything before the first program: packages, leftovers, ports, files, accounts. */
async function prepare(input: UpInput, dir: StateDir): Promise<UpContext> {
  const { options, projectDir, say } = input;
  // One that even a remover did not survive, such as after a loss of power.
  rmSync(dir.announcementFile, { force: true });
  const isWithRedis = options.store === 'redis';
  await ensurePackages(
    [
      UP_SERVERS[options.server].debianPackage,
      ...(isWithRedis ? [DEBIAN_PACKAGES.redis] : []),
      DEBIAN_PACKAGES.curl,
    ],
    `${dir.logDir}/apt.log`,
    say,
  );
  await endLeftovers(dir.runDir, say);
  for (const [name, setting] of Object.entries(PORT_SETTINGS)) {
    if (isWithRedis || name !== 'redis') {
      await requireFreePort(options.ports[name as keyof UpPorts], setting);
    }
  }
  const secrets = loadSecrets(dir.secretsFile);
  const context = { options, dir, secrets, projectDir };
  const missingMains = findMissingMains(context);
  if (missingMains.length > 0) {
    throw new ConferenceError(
      'configuration-invalid',
      `${missingMains.join(' and ')} is missing; "npm run build" makes it`,
    );
  }
  await ensureDefaultSite(dir, DOMAINS.mucService);
  if (isWithRedis) {
    writePrivately(
      dir.redisConfigFile,
      buildRedisConfig({
        interfaces: [LOOPBACK],
        port: options.ports.redis,
        password: secrets.redisPassword,
        dataDir: dir.redisDataDir,
      }),
    );
  }
  await UP_SERVERS[options.server].prepare(context);
  return context;
}

async function buildAnnouncement({ options, dir, secrets }: UpContext): Promise<Announcement> {
  const { siteId, apiKey } = await ensureDefaultSite(dir, DOMAINS.mucService);
  return {
    http: baseUrlOf(options.ports),
    siteId,
    apiKey,
    xmpp: {
      host: LOOPBACK,
      port: options.ports.c2s,
      domain: DOMAINS.domain,
      anonymousDomain: DOMAINS.anonymousDomain,
      websocket: `ws://${LOOPBACK}:${options.ports.websocket}/xmpp-websocket`,
      accounts: listAccounts(secrets),
    },
    mucService: DOMAINS.mucService,
  };
}
