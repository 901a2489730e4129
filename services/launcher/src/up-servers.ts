/** The XMPP servers that `up` can run: what each needs, finds on disk, and how it runs. */
import { join } from 'node:path';
import type { Program } from './child.js';
import { areEjabberdAccountsMade, ejabberdCommand, writeEjabberdFiles } from './ejabberd-files.js';
import { DEBIAN_PACKAGES, type DebianPackage } from './install-script.js';
import { acceptsConnections, LOOPBACK } from './probes.js';
import { ensureProsodyAccount, writeProsodyConfig } from './prosody-files.js';
import { DOMAINS, listAccounts, type UpContext } from './up-context.js';
import type { UpOptions } from './up-options.js';

/** One of them. */
export interface UpServer {
  readonly debianPackage: DebianPackage;
  /** Writes configuration and accounts. */
  prepare(context: UpContext): Promise<void>;
  createProgram(context: UpContext): Program;
}

/** What either gets between SIGTERM and SIGKILL, in ms. */
const STOP_TIMEOUT_MS = 2_000;

const prosody: UpServer = {
  debianPackage: DEBIAN_PACKAGES.prosody,
  async prepare({ options, dir, secrets, projectDir }) {
    writeProsodyConfig(dir.prosodyConfigFile, {
      interfaces: [LOOPBACK],
      ports: options.ports,
      dataDir: dir.prosodyDataDir,
      ...DOMAINS,
      componentSecret: secrets.componentSecret,
      isRoot: process.getuid?.() === 0,
      ...(options.feed === 'feed' ? { feedModuleDir: join(projectDir, 'prosody') } : {}),
    });
    for (const account of listAccounts(secrets)) {
      await ensureProsodyAccount(dir.prosodyConfigFile, account);
    }
  },
  createProgram: ({ options, dir }) => ({
    name: 'prosody',
    command: 'prosody',
    args: ['--config', dir.prosodyConfigFile, '-F'],
    environment: {},
    cwd: dir.path,
    whyNotReady: () => whyPortsAreClosed(options),
    stopTimeoutMs: STOP_TIMEOUT_MS,
  }),
};

const ejabberd: UpServer = {
  debianPackage: DEBIAN_PACKAGES.ejabberd,
  prepare({ options, dir, secrets }) {
    writeEjabberdFiles(
      dir.ejabberd,
      {
        interface: LOOPBACK,
        ports: options.ports,
        ...DOMAINS,
        componentSecret: secrets.componentSecret,
      },
      listAccounts(secrets),
    );
    return Promise.resolve();
  },
  createProgram: ({ options, dir }) => ({
    name: 'ejabberd',
    ...ejabberdCommand(dir.ejabberd),
    cwd: dir.path,
    whyNotReady: async () =>
      (await whyPortsAreClosed(options)) ??
      (areEjabberdAccountsMade(dir.ejabberd) ? undefined : 'its accounts are not made yet'),
    stopTimeoutMs: STOP_TIMEOUT_MS,
  }),
};

export const UP_SERVERS: Readonly<Record<UpOptions['server'], UpServer>> = { prosody, ejabberd };

async function whyPortsAreClosed({ ports }: UpOptions): Promise<string | undefined> {
  for (const port of [ports.c2s, ports.component, ports.websocket]) {
    if (!(await acceptsConnections(port))) return `port ${port} does not accept connections`;
  }
  return undefined;
}
