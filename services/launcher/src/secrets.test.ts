import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSecrets } from './secrets.js';

let dir: string;
let file: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'conference-secrets-'));
  file = join(dir, 'secrets.json');
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('secrets are made once, random, and for their owner alone', () => {
  const first = loadSecrets(file);
  chmodSync(file, 0o644);
  expect(loadSecrets(file)).toEqual(first);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(new Set(Object.values(first)).size).toBe(Object.keys(first).length);
  rmSync(file);
  expect(loadSecrets(file)).not.toEqual(first);
});

test('what a newer version needs is added, what is there stays', () => {
  const componentSecret = 'a-secret-from-before';
  writeFileSync(file, JSON.stringify({ componentSecret }));
  const completed = loadSecrets(file);
  expect(completed.componentSecret).toBe(componentSecret);
  expect(loadSecrets(file)).toEqual(completed);
});

test.each(['{ "broken', '[]', 'null', '{"redisPassword":"two words, too many"}', '{"apiKey":1}{'])(
  'a file that cannot be understood is named, never replaced: %s',
  (text) => {
    writeFileSync(file, text);
    expect(() => loadSecrets(file)).toThrow(file);
  },
);
