import { ConferenceError } from '@conference/muc';
import { createSilentLogger, type Logger } from '@conference/service-runtime';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashApiKey } from './api-key.js';
import { basic, waitUntil } from './facade.fixture.js';
import { Authenticator } from './authenticator.js';
import { chooseSitesFile } from './default-sites-file.js';
import { createSiteCommand } from './site-command.js';
import { SiteDirectory } from './site-directory.js';
import {
  addSiteToFile,
  listSitesInFile,
  removeFromFile,
  rotateKeyInFile,
} from './site-registry.js';
import { changeSitesFile, readSitesFile } from './sites-file.js';

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'conference-sites-'));
  path = join(directory, 'sites.json');
});

afterEach(() => rm(directory, { recursive: true, force: true }));

const suffix = { by: 'suffix' } as const;

async function refusalOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConferenceError);
  expect((error as ConferenceError).code).toBe('configuration-invalid');
  return (error as ConferenceError).message;
}

describe('the file with the sites', () => {
  test('keeps a hash and never the key, readable by its owner alone', async () => {
    const { apiKey, keyId, siteId } = await addSiteToFile(path, 'SiteA', suffix);
    expect(Buffer.from(apiKey, 'base64url')).toHaveLength(32);
    expect(siteId).toBe('sitea');
    const text = await readFile(path, 'utf8');
    expect(text).not.toContain(apiKey);
    expect(JSON.parse(text)).toMatchObject({
      version: 1,
      sites: [
        {
          siteId: 'sitea',
          rooms: { by: 'suffix' },
          keys: [{ id: keyId, hash: hashApiKey('sitea', apiKey).toString('base64url') }],
        },
      ],
    });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(directory)).toEqual(['sites.json']);
  });

  test('takes many changes at once and loses none', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `site${index}`);
    await Promise.all(ids.map((id) => addSiteToFile(path, id, suffix)));
    await Promise.all(ids.map((id) => rotateKeyInFile(path, id)));
    const sites = await listSitesInFile(path);
    expect(sites.map(({ siteId }) => siteId).sort()).toEqual([...ids].sort());
    expect(sites.every(({ keys }) => keys.length === 2)).toBe(true);
    expect(await readdir(directory)).toEqual(['sites.json']);
  });

  test('does not change when a change is refused', async () => {
    const { keyId } = await addSiteToFile(path, 'a', suffix);
    const before = await readFile(path, 'utf8');
    expect(await refusalOf(addSiteToFile(path, 'A', suffix))).toContain('a exists');
    expect(await refusalOf(rotateKeyInFile(path, 'b'))).toContain('no site b');
    expect(await refusalOf(removeFromFile(path, 'b'))).toContain('no site b');
    expect(await refusalOf(removeFromFile(path, 'a', 'nokey'))).toContain('no key nokey');
    expect(await refusalOf(removeFromFile(path, 'a', keyId))).toContain('last key');
    expect(await readFile(path, 'utf8')).toBe(before);
  });

  test.each(['', 'a|b', 'a b', 'ä', 'x'.repeat(65), 'a/b', 'a:b'])(
    'refuses %j as a siteId',
    (siteId) => {
      expect(() => addSiteToFile(path, siteId, suffix)).toThrow(ConferenceError);
    },
  );

  test.each([
    ['no JSON', '{'],
    ['of another version', '{"version":2,"sites":[]}'],
    ['with something unknown', '{"version":1,"sites":[],"more":1}'],
    [
      'with a site twice',
      JSON.stringify({
        version: 1,
        sites: ['a', 'A'].map((siteId) => ({ siteId, rooms: suffix, keys: [] })),
      }),
    ],
    [
      'with a short hash',
      JSON.stringify({
        version: 1,
        sites: [
          {
            siteId: 'a',
            rooms: suffix,
            keys: [{ id: 'k', hash: 'short-secret', createdAt: '2026-01-01T00:00:00Z' }],
          },
        ],
      }),
    ],
  ])('is unusable when it is %s, and the sentence names it', async (_, text) => {
    await writeFile(path, text);
    const message = await refusalOf(readSitesFile(path));
    expect(message).toContain(`SITES_FILE ${path}`);
    expect(message).not.toContain('short-secret');
  });

  test('a lock left behind is named', async () => {
    await writeFile(`${path}.lock`, '');
    const change = changeSitesFile(path, (sites) => ({ sites, result: undefined }), 50);
    expect(await refusalOf(change)).toContain(`${path}.lock`);
    await rm(`${path}.lock`);
    await addSiteToFile(path, 'a', suffix);
  });
});

describe('the sites in memory', () => {
  const open = (logger: Logger = createSilentLogger()): Promise<SiteDirectory> =>
    SiteDirectory.open({ path, mucServices: ['muc.test'], pollMs: 5, logger });

  test('are none without a file, and those of the file once there is one', async () => {
    const sites = await open();
    try {
      expect(sites.problem).toBe('the sites file: there is no such file');
      await addSiteToFile(path, 'Late', suffix);
      await waitUntil('the site', () => sites.find('LATE') !== undefined);
      expect(sites.problem).toBeUndefined();
    } finally {
      await sites.stop();
    }
  });

  test('a file that is unusable at the start is an error of configuration', async () => {
    await writeFile(path, 'nonsense');
    expect(await refusalOf(open())).toContain(path);
  });

  test('stay as they were while the file is broken or away', async () => {
    await addSiteToFile(path, 'a', suffix);
    const sites = await open();
    try {
      const good = await readFile(path);
      await writeFile(path, 'nonsense');
      await waitUntil('the problem', () => sites.problem?.includes('no JSON') === true);
      expect(sites.problem).not.toContain(directory);
      expect(sites.find('a')).toBeDefined();
      await rm(path);
      await waitUntil('the other problem', () => sites.problem?.includes('no such') === true);
      expect(sites.find('a')).toBeDefined();
      await writeFile(`${path}.new`, good);
      await rename(`${path}.new`, path);
      await waitUntil('no problem', () => sites.problem === undefined);
    } finally {
      await sites.stop();
    }
  });

  test('those that own what is not listed are named in the log, and counted in the problem', async () => {
    await addSiteToFile(path, 'a', { by: 'mucService', mucService: 'MUC.test' });
    await addSiteToFile(path, 'b', { by: 'mucService', mucService: 'elsewhere.test' });
    const warned: object[] = [];
    const logger = { ...createSilentLogger(), warn: (fields: object) => void warned.push(fields) };
    const sites = await open(logger);
    try {
      expect(warned).toEqual([{ siteId: 'b', mucService: 'elsewhere.test' }]);
      expect(sites.problem).toBe(
        'a site owns the rooms of a MUC service that MUC_SERVICES does not name (see the log)',
      );
      await addSiteToFile(path, 'c', { by: 'mucService', mucService: 'elsewhere.test' });
      await waitUntil('the next', () => sites.problem?.startsWith('2 sites own') === true);
      await removeFromFile(path, 'b');
      await removeFromFile(path, 'c');
      await waitUntil('no problem', () => sites.problem === undefined);
    } finally {
      await sites.stop();
    }
  });

  test('a key that was right is forgotten with the file that had it', async () => {
    const { apiKey } = await addSiteToFile(path, 'a', suffix);
    await rotateKeyInFile(path, 'a');
    const sites = await open();
    try {
      const authenticator = new Authenticator(sites);
      const header = basic('a', apiKey);
      expect(authenticator.authenticate(header)?.siteId).toBe('a');
      const [site] = await listSitesInFile(path);
      await removeFromFile(path, 'a', site?.keys[0]?.id);
      await waitUntil('the end', () => authenticator.authenticate(header) === undefined);
    } finally {
      await sites.stop();
    }
  });
});

describe('the command', () => {
  async function run(...words: string[]): Promise<string> {
    let shown = '';
    const command = createSiteCommand({ defaultFile: path, write: (text) => (shown += text) });
    await command.parseAsync(words, { from: 'user' });
    return shown;
  }

  test('adds, lists, rotates and removes', async () => {
    const added = await run('add', 'SiteA');
    const [, apiKey = ''] = /^apiKey: (\S+)$/m.exec(added) ?? [];
    const [, firstId = ''] = /^key id: (\S+)$/m.exec(added) ?? [];
    expect(apiKey).toHaveLength(43);
    await run('add', 'all', '--service', 'Conference.Test');
    const [, secondId = ''] = /^key id: (\S+)$/m.exec(await run('rotate', 'sitea')) ?? [];
    const listed = await run('list');
    expect(listed).toContain('sitea  rooms ending in |sitea\n');
    expect(listed).toContain('all  conference.test\n');
    expect(listed).toContain(firstId);
    expect(listed).toContain(secondId);
    expect(listed).not.toContain(apiKey);
    await run('remove', 'sitea', '--key', firstId);
    expect(await run('list')).not.toContain(firstId);
    await run('remove', 'sitea');
    expect(await run('list')).not.toContain('sitea');
  });

  test('says which file every change was written to', async () => {
    const [siteId, lastLine] = ['sitea', `Written to ${path}\n`];
    expect((await run('add', siteId)).endsWith(lastLine)).toBe(true);
    expect((await run('rotate', siteId)).endsWith(lastLine)).toBe(true);
    expect((await run('remove', siteId)).endsWith(lastLine)).toBe(true);
  });

  test('without SITES_FILE means that of up where there is one', async () => {
    expect(chooseSitesFile({}, directory)).toBe('sites.json');
    await mkdir(join(directory, '.conference'));
    expect(chooseSitesFile({}, directory)).toBe('sites.json');
    await addSiteToFile(join(directory, '.conference', 'sites.json'), 'demo', suffix);
    expect(chooseSitesFile({}, directory)).toBe('.conference/sites.json');
    expect(chooseSitesFile({ SITES_FILE: 'own.json' }, directory)).toBe('own.json');
    expect(chooseSitesFile({ CONFERENCE_DIR: 'elsewhere' }, directory)).toBe('sites.json');
    expect(chooseSitesFile({ CONFERENCE_DIR: join(directory, '.conference') }, '/nowhere')).toBe(
      join(directory, '.conference', 'sites.json'),
    );
  });

  test('works on the file it is told', async () => {
    const other = join(directory, 'other.json');
    await run('--file', other, 'add', 'x');
    expect((await listSitesInFile(other)).map(({ siteId }) => siteId)).toEqual(['x']);
  });
});
