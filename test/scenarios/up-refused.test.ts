/** `npm run up` where it cannot start: it says why, and leaves nothing. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { LauncherRig, pasteCurl } from '../support/launcher-rig.js';

const TEST_TIMEOUT_MS = 90_000;

let rig: LauncherRig;

beforeEach(async () => {
  rig = await LauncherRig.create();
});

afterEach(() => rig.end(), 20_000);

test(
  'a second one in the same folder is refused and harms nothing',
  async () => {
    const first = rig.up();
    await rig.announced(first);
    await rig.expectRefusal(rig.up(), `process ${first.process.pid}`);
    expect(await pasteCurl(first)).toEqual([]);
    await rig.stop(first);
  },
  TEST_TIMEOUT_MS,
);

test.each(['http', 'c2s', 'component', 'websocket', 'redis'])(
  'a busy port of %s is named',
  async (name) => {
    const server = createServer().listen(rig.ports[name], '127.0.0.1');
    await once(server, 'listening');
    try {
      await rig.expectRefusal(rig.up(), `--${name}-port`);
      expect(rig.childPids()).toEqual({});
    } finally {
      server.close();
    }
  },
  TEST_TIMEOUT_MS,
);

test.each([
  ['sites.json', 'SITES_FILE'],
  ['secrets.json', 'secrets.json'],
  ['default-site.json', 'default-site.json'],
])('a broken %s is named', async (file, sentence) => {
  writeFileSync(join(rig.dir, file), '{ "broken');
  await rig.expectRefusal(rig.up(), sentence);
  expect(rig.childPids()).toEqual({});
});

test('a wrong option is named', async () => {
  await rig.expectRefusal(
    rig.up('--http-port=http'),
    '--http-port (CONFERENCE_HTTP_PORT) is "http"',
  );
  await rig.expectRefusal(rig.up('--color'), '--color');
});
