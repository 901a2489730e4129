import { ConferenceError } from '@conference/muc';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStateDir } from './state-dir.js';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'conference-state-'));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('it is made for its owner alone, and taken again', () => {
  const path = join(dir, 'state');
  expect(openStateDir(path)).toEqual(openStateDir(path));
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test.each(['up.lock', 'prosody.cfg.lua', 'redis.conf', 'secrets.json', 'sites.json', 'up.json'])(
  'a folder in the place of %s is named and left alone',
  (name) => {
    mkdirSync(join(dir, name));
    expect(() => openStateDir(dir)).toThrow(
      new ConferenceError(
        'configuration-invalid',
        `${join(dir, name)} is a folder, but must be a file; move it away`,
      ),
    );
    expect(readdirSync(join(dir, name))).toEqual([]);
  },
);
