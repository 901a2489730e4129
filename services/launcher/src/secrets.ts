/** Random secrets, made once and kept in one file of mode 600. */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { ConferenceError } from '@conference/muc';
import { reasonOf } from './state-dir.js';

/** Names of the secrets of one `up`. */
export const SECRET_NAMES = [
  'componentSecret',
  'redisPassword',
  'alicePassword',
  'bobPassword',
] as const;

export type Secrets = Readonly<Record<(typeof SECRET_NAMES)[number], string>>;

/**
 * Reads the secrets, and makes those that are missing.
 * Fails with `configuration-invalid` where the file is there and cannot be understood: making new
 * secrets over it would lock out whoever uses the old ones.
 */
export function loadSecrets(file: string): Secrets {
  const known = existsSync(file) ? readKnown(file) : {};
  const secrets = Object.fromEntries(
    SECRET_NAMES.map((name) => [name, known[name] ?? randomBytes(32).toString('base64url')]),
  ) as Secrets;
  if (SECRET_NAMES.some((name) => known[name] === undefined)) {
    writePrivately(file, `${JSON.stringify(secrets, undefined, 2)}\n`);
  } else {
    chmodSync(file, 0o600);
  }
  return secrets;
}

/** Writes a file that only its owner may read, whole or not at all. */
export function writePrivately(file: string, text: string): void {
  const draft = `${file}.${process.pid}.new`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}

function readKnown(file: string): Partial<Record<string, string>> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw unusable(file, reasonOf(cause), cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw unusable(file, 'it is no JSON object');
  }
  const known: Partial<Record<string, string>> = {};
  for (const name of SECRET_NAMES) {
    const secret = (value as Record<string, unknown>)[name];
    if (secret !== undefined && (typeof secret !== 'string' || !/^[\w-]{16,}$/.test(secret))) {
      throw unusable(file, `"${name}" must be at least 16 letters, digits, _ or -`);
    }
    if (secret !== undefined) {
      known[name] = secret;
    }
  }
  return known;
}

function unusable(file: string, why: string, cause?: unknown): ConferenceError {
  return new ConferenceError(
    'configuration-invalid',
    `the secrets in ${file} cannot be read: ${why}. Mend the file, or delete it to get new secrets`,
    { cause },
  );
}
