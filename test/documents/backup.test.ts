/** The commands of docs/operations.md for backup and restore, run as they stand there. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, jest, test } from '@jest/globals';
import { createRedisRoomStore, type RoomStore, type Snapshot } from '@conference/room-store';
import { put } from '../../packages/room-store/src/contract/samples.contract.js';
import { askRedis } from '../servers/redis-admin.js';
import { startRedis, type RunningRedis } from '../servers/redis.js';
import { eventually } from '../support/eventually.js';

jest.setTimeout(60_000);

const run = promisify(execFile);
const APPEND_ONLY = ['--appendonly', 'yes', '--appendfsync', 'everysec'];

const section = /## Backup and restore\n([^]*?)\n## /.exec(
  readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8'),
)?.[1];
const [backup = '', restore = ''] = [...(section ?? '').matchAll(/```sh\n([^]*?)```/g)].map(
  ([, commands = '']) => commands,
);

let dir: string;
let redis: RunningRedis;
afterEach(async () => {
  await redis.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** Runs the lines with the folders and the port of this test in place of those of a machine. */
async function follow(commands: string): Promise<void> {
  const lines = commands
    .replaceAll('/backup/', `${dir}/backup/`)
    .replaceAll('/var/lib/redis', redis.dir)
    .replaceAll('/var/lib/conference', dir)
    .replaceAll('redis-cli', `redis-cli -p ${redis.port}`)
    .replaceAll('redis-server', `redis-server --bind 127.0.0.1 --port ${redis.port}`)
    .trim()
    .split('\n');
  for (const line of lines) {
    const waited = /wait for (\d+)/.exec(line)?.[1];
    const runLine = async (): Promise<string> => (await run('sh', ['-ec', line])).stdout.trim();
    const isStarting = line.includes('--daemonize');
    if (waited === undefined) await runLine();
    else await eventually(runLine, (output) => output.endsWith(`:${waited}`), { what: line });
    if (isStarting) await eventually(() => askRedis(redis.url, 'PING'));
  }
}

/** The rows sorted: a store has them in no order. */
async function readStore(): Promise<Snapshot> {
  const store = openStore();
  try {
    const snapshot = await store.readSnapshot();
    const rows = snapshot.rows.toSorted((a, b) => (a.roomId < b.roomId ? -1 : 1));
    return { ...snapshot, rows };
  } finally {
    await store.close();
  }
}

function openStore(): RoomStore {
  const mucService = 'conference.localhost';
  return createRedisRoomStore({ redisUrl: redis.url, keyPrefix: 'conference', mucService });
}

test('a snapshot of a running Redis is restored into one with an append-only file', async () => {
  dir = mkdtempSync(join(tmpdir(), 'conference-backup-'));
  await run('mkdir', [join(dir, 'backup'), join(dir, 'redis')]);
  redis = await startRedis({ dir: join(dir, 'redis'), args: APPEND_ONLY });
  writeFileSync(join(dir, 'sites.json'), '{}');
  const store = openStore();
  const writer = await store.openWriter();
  await writer.commit({
    changes: [put('old', 2), put('other', 1)],
    picture: { state: 'live' },
  });
  const saved = await readStore();
  await follow(backup);
  expect(readdirSync(join(dir, 'backup')).sort()).toEqual(['conference.rdb', 'sites.json']);
  await writer.commit({ changes: [put('new', 1)] });
  await store.close();

  await redis.kill();
  rmSync(redis.dir, { recursive: true });
  await run('mkdir', [redis.dir]);
  await follow(restore);
  await redis.restart();
  expect(await readStore()).toEqual(saved);
  expect(saved.rows).toHaveLength(2);
});
