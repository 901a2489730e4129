import { holdsKey, listSitesInFile } from '@conference/facade';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDefaultSite } from './default-site.js';
import { openStateDir, type StateDir } from './state-dir.js';

const MUC_SERVICE = 'conference.test';

let dir: StateDir;

beforeEach(() => {
  dir = openStateDir(mkdtempSync(join(tmpdir(), 'conference-site-')));
});

afterEach(() => rmSync(dir.path, { recursive: true, force: true }));

async function isAccepted(apiKey: string): Promise<boolean> {
  const [site] = await listSitesInFile(dir.sitesFile);
  return site !== undefined && holdsKey(site, apiKey);
}

test('its key works and stays', async () => {
  const first = await ensureDefaultSite(dir, MUC_SERVICE);
  expect(await isAccepted(first.apiKey)).toBe(true);
  expect(await ensureDefaultSite(dir, MUC_SERVICE)).toEqual(first);
});

test('a key that was edited is replaced by one that works', async () => {
  const first = await ensureDefaultSite(dir, MUC_SERVICE);
  writeFileSync(dir.defaultSiteFile, JSON.stringify({ ...first, apiKey: 'edited' }));
  const second = await ensureDefaultSite(dir, MUC_SERVICE);
  expect(await isAccepted('edited')).toBe(false);
  expect(await isAccepted(second.apiKey)).toBe(true);
  expect(await ensureDefaultSite(dir, MUC_SERVICE)).toEqual(second);
});

test('a site that was removed is made again', async () => {
  const first = await ensureDefaultSite(dir, MUC_SERVICE);
  rmSync(dir.sitesFile);
  const second = await ensureDefaultSite(dir, MUC_SERVICE);
  expect([await isAccepted(first.apiKey), await isAccepted(second.apiKey)]).toEqual([false, true]);
});
