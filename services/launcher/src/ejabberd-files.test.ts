import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  areEjabberdAccountsMade,
  type EjabberdFiles,
  writeEjabberdFiles,
} from './ejabberd-files.js';

let dir: string;
let files: EjabberdFiles;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'conference-ejabberd-files-'));
  files = {
    configFile: join(dir, 'ejabberd.yml'),
    accountsFile: join(dir, 'accounts'),
    dataDir: join(dir, 'data'),
  };
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

function write(password: string): void {
  writeEjabberdFiles(
    files,
    {
      interface: '127.0.0.1',
      ports: { c2s: 1, component: 2, websocket: 3 },
      domain: 'example.org',
      anonymousDomain: 'anon.example.org',
      mucService: 'rooms.example.org',
      trackerDomain: 'tracker.example.org',
      componentSecret: 'secret',
    },
    [{ jid: 'a@b', password }],
  );
}

test('what holds secrets is for its owner only', () => {
  write('x');
  for (const file of [files.configFile, files.accountsFile]) {
    expect(statSync(file).mode & 0o777).toBe(0o600);
  }
  expect(statSync(files.dataDir).mode & 0o777).toBe(0o700);
});

test('an account is an Erlang term of bytes, whatever its password', () => {
  write('">>}.\u00e9');
  expect(readFileSync(files.accountsFile, 'utf8')).toBe(
    '{<<97>>, <<98>>, <<34,62,62,125,46,195,169>>}.\n',
  );
});

test('accounts are made when that was said, and to be made anew when written anew', () => {
  write('x');
  expect(areEjabberdAccountsMade(files)).toBe(false);
  writeFileSync(`${files.accountsFile}.made`, '');
  expect(areEjabberdAccountsMade(files)).toBe(true);
  write('y');
  expect(areEjabberdAccountsMade(files)).toBe(false);
});
