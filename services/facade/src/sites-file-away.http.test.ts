import { afterEach, expect, test } from '@jest/globals';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ask, waitUntil } from './facade.fixture.js';
import { stopEach } from './started-facades.fixture.js';

const start = stopEach(afterEach);

test('readiness tells of a sites file that is away, and not where it was', async () => {
  const { url, sitesFile } = await start();
  await rm(sitesFile);
  const text = async (): Promise<string> => (await ask(`${url}/readyz`)).bytes.toString('utf8');
  await waitUntil('the problem', async () => (await text()).includes('there is no such file'));
  expect(await text()).not.toContain(dirname(sitesFile));
});
