/** What Prosody finds on disk when it starts: its configuration and its accounts. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConferenceError } from '@conference/muc';
import { buildProsodyConfig, type ProsodyConfigOptions } from './prosody-config.js';

/** An account of a chat client. */
export interface Account {
  /** Bare JID. */
  readonly jid: string;
  readonly password: string;
}

/** Writes the configuration (mode 600, it holds the component's secret) and makes the folders. */
export function writeProsodyConfig(configFile: string, options: ProsodyConfigOptions): void {
  mkdirSync(join(options.dataDir, 'certs'), { recursive: true, mode: 0o700 });
  writeFileSync(configFile, buildProsodyConfig(options), { mode: 0o600 });
}

/**
 * Makes an account, or gives the one of that name this password: Prosody keeps only a hash, so
 * that nothing tells whether it is the same. Only while Prosody does not run. The password goes
 * through a pipe, since arguments of processes can be read by everybody on the machine.
 * Fails with `configuration-invalid` when prosodyctl can do neither.
 */
export async function ensureProsodyAccount(
  configFile: string,
  dataDir: string,
  account: Account,
): Promise<void> {
  const [user, host] = account.jid.split('@') as [string, string];
  const accountFile = join(dataDir, encodeName(host), 'accounts', `${encodeName(user)}.dat`);
  const action = existsSync(accountFile) ? 'passwd' : 'adduser';
  const { exitCode, output } = await runWithInput(
    'prosodyctl',
    ['--config', configFile, action, account.jid],
    `${account.password}\n${account.password}\n`,
  );
  if (exitCode !== 0) {
    throw new ConferenceError(
      'configuration-invalid',
      `prosodyctl ${action} failed for the account ${account.jid}: ${output.trim()}`,
    );
  }
}

/** How Prosody's internal storage writes names into paths: all but letters and digits as `%xx`. */
function encodeName(name: string): string {
  return name.replace(
    /[^A-Za-z0-9]/g,
    (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

function runWithInput(
  command: string,
  args: readonly string[],
  input: string,
): Promise<{ exitCode: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'pipe' });
    let output = '';
    const collect = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, output }));
    // A child that ends without reading answers with its exit code, not with a broken pipe.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
