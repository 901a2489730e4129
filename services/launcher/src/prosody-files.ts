/** What Prosody finds on disk when it starts: its configuration and its accounts. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
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
 * Fails with `configuration-invalid` when prosodyctl cannot.
 */
export async function ensureProsodyAccount(configFile: string, account: Account): Promise<void> {
  // COMPAT(prosody 13): `adduser` and `passwd` ask a running server there; `register` writes the
  // account itself in 0.12 and 13, whether there is one of that name or not.
  const { exitCode, output } = await runWithInput(
    'prosodyctl',
    ['--config', configFile, 'register', ...account.jid.split('@')],
    `${account.password}\n${account.password}\n`,
  );
  if (exitCode !== 0) {
    throw new ConferenceError(
      'configuration-invalid',
      `prosodyctl register failed for the account ${account.jid}: ${output.trim()}`,
    );
  }
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
