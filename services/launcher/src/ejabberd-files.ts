/** What ejabberd finds on disk when it starts, and how it is started. */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConferenceError } from '@conference/muc';
import { buildEjabberdConfig, type EjabberdConfigOptions } from './ejabberd-config.js';
import type { Account } from './prosody-files.js';

/** The files of one ejabberd. */
export interface EjabberdFiles {
  readonly configFile: string;
  /** Names and passwords, put in force at the start. */
  readonly accountsFile: string;
  /** Absolute folder of accounts and rooms. */
  readonly dataDir: string;
}

/** A command with what it needs in its environment. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Writes the configuration and the accounts (mode 600, they hold secrets) and makes the folder.
 * Call it before each start from nothing: it forgets that the accounts were made.
 */
export function writeEjabberdFiles(
  files: EjabberdFiles,
  options: EjabberdConfigOptions,
  accounts: readonly Account[],
): void {
  mkdirSync(files.dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(files.configFile, buildEjabberdConfig(options), { mode: 0o600 });
  const terms = accounts.map(({ jid, password }) => {
    const [user = '', host = ''] = jid.split('@');
    return `{${[user, host, password].map(binary).join(', ')}}.\n`;
  });
  writeFileSync(files.accountsFile, terms.join(''), { mode: 0o600 });
  rmSync(markerOf(files), { force: true });
}

/** Whether the accounts have been made since the files were written; the ports open before that. */
export function areEjabberdAccountsMade(files: EjabberdFiles): boolean {
  return existsSync(markerOf(files));
}

function markerOf({ accountsFile }: EjabberdFiles): string {
  return `${accountsFile}.made`;
}

/**
 * Makes the accounts, gives those that are there these passwords (ejabberd keeps only hashes, so
 * that nothing tells whether they are the same), and says when that is done.
 */
const MAKE_ACCOUNTS = `File = os:getenv("CONFERENCE_ACCOUNTS"),
  {ok, Accounts} = file:consult(File),
  [ok = case ejabberd_auth:try_register(User, Host, Password) of
    {error, exists} -> ejabberd_auth:set_password(User, Host, Password);
    Made -> Made
  end || {User, Host, Password} <- Accounts],
  ok = file:write_file(File ++ ".made", "").`;

/**
 * Erlang's schedulers spin before they sleep. Beside other processes that need the cores this takes
 * away what ejabberd itself waits for: with two busy neighbours on two cores it starts in 2 s
 * without it and in 15 s with it.
 */
const NO_BUSY_WAITING = ['sbwt', 'sbwtdcpu', 'sbwtdio'].flatMap((flag) => [`+${flag}`, 'none']);

/**
 * How to run ejabberd in the foreground, logging to its output. Not by its `ejabberdctl`: that
 * changes to another user, and joins the machine's other Erlang nodes through a daemon (epmd) that
 * outlives it. Without a node name there is no such network: nothing listens but what is configured.
 * Fails with `configuration-invalid` where no ejabberd is installed.
 */
export function ejabberdCommand(files: EjabberdFiles): Command {
  return {
    command: 'erl',
    args: [
      ...NO_BUSY_WAITING,
      '-noinput',
      '-mnesia',
      'dir',
      JSON.stringify(files.dataDir),
      '-s',
      'ejabberd',
      '-eval',
      MAKE_ACCOUNTS,
    ],
    environment: {
      CONFERENCE_ACCOUNTS: files.accountsFile,
      EJABBERD_CONFIG_PATH: files.configFile,
      EJABBERD_LOG_PATH: join(files.dataDir, 'ejabberd.log'),
      ERL_CRASH_DUMP_SECONDS: '0',
      ERL_LIBS: findErlangLibraries(),
      HOME: files.dataDir,
    },
  };
}

/** The folder in which Debian keeps ejabberd among other Erlang libraries; it names the machine. */
function findErlangLibraries(): string {
  const root = '/usr/lib';
  for (const folder of readdirSync(root, { withFileTypes: true })) {
    if (!folder.isDirectory() || !folder.name.includes('-linux-')) continue;
    const path = join(root, folder.name);
    if (readdirSync(path).some((name) => /^ejabberd-\d/.test(name))) return path;
  }
  throw new ConferenceError('configuration-invalid', `no ejabberd is installed under ${root}`);
}

/** An Erlang binary of a text: every byte as a number, so that nothing needs escaping. */
function binary(text: string): string {
  return `<<${[...Buffer.from(text, 'utf8')].join(',')}>>`;
}
