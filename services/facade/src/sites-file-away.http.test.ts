import { afterEach, expect, test } from '@jest/globals';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ask, startFixture, waitUntil, type FacadeFixture } from './facade.fixture.js';

let running: FacadeFixture[] = [];

async function start(): Promise<FacadeFixture> {
  const fixture = await startFixture();
  running.push(fixture);
  return fixture;
}

afterEach(async () => {
  await Promise.all(running.map((fixture) => fixture.stop()));
  running = [];
});

test('readiness tells of a sites file that is away, and not where it was', async () => {
  const { url, sitesFile } = await start();
  await rm(sitesFile);
  const text = async (): Promise<string> => (await ask(`${url}/readyz`)).bytes.toString('utf8');
  await waitUntil('the problem', async () => (await text()).includes('there is no such file'));
  expect(await text()).not.toContain(dirname(sitesFile));
});
