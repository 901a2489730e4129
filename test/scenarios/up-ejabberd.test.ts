/** `npm run up -- --server ejabberd`: the same stack on another server. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Announcement } from '@conference/launcher';
import type { RoomRow } from '@conference/muc';
import { freePorts } from '../servers/free-port.js';
import { ChatClient } from '../support/chat-client.js';
import { eventually, withDeadline } from '../support/eventually.js';

const LAUNCHER = join('services', 'launcher', 'dist', 'main.js');

let dir: string;
let options: string[];
let launcher: ChildProcess | undefined;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'conference-up-'));
  const names = ['http', 'c2s', 'component', 'websocket', 'redis'];
  const ports = await freePorts(names.length);
  options = names.map((name, index) => `--${name}-port=${ports[index]}`);
});

afterEach(async () => {
  await stop();
  rmSync(dir, { recursive: true, force: true });
}, 20_000);

async function up(): Promise<Announcement> {
  const args = [LAUNCHER, '--server=ejabberd', `--dir=${dir}`, ...options];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  launcher = child;
  let output = '';
  const collect = (chunk: Buffer): void => {
    output += chunk.toString('utf8');
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  return eventually(
    () => {
      if (child.exitCode !== null) throw new Error(output);
      return JSON.parse(readFileSync(join(dir, 'up.json'), 'utf8')) as Announcement;
    },
    undefined,
    { timeoutMs: 60_000, what: `up.json after: ${output}` },
  );
}

/** The exit code after SIGTERM; undefined where nothing runs. */
async function stop(): Promise<unknown> {
  const child = launcher;
  launcher = undefined;
  if (child === undefined || child.exitCode !== null) return child?.exitCode;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const [exitCode] = (await withDeadline(ended, 'the end of up', 10_000)) as [number | null];
  return exitCode;
}

function logIn({ xmpp }: Announcement, account?: number): Promise<ChatClient> {
  const login = account === undefined ? undefined : xmpp.accounts[account];
  return ChatClient.connect({
    host: xmpp.host,
    port: xmpp.port,
    domain: login === undefined ? xmpp.anonymousDomain : xmpp.domain,
    ...(login === undefined ? {} : { account: login }),
  });
}

function waitForRow(told: Announcement, isRight: (row: RoomRow) => boolean): Promise<RoomRow> {
  const authorization = `Basic ${Buffer.from(`${told.siteId}:${told.apiKey}`).toString('base64')}`;
  return eventually(
    async () => {
      const url = `${told.http}/v1/conference.json`;
      const answer = await fetch(url, { headers: { authorization } });
      const { rooms } = ((await answer.json()) as { data: { rooms: RoomRow[] } }).data;
      const [row] = rooms;
      if (row === undefined) throw new Error('no room');
      return row;
    },
    isRight,
    { what: 'the row' },
  );
}

test('a room shows, and is there again with its dates after the next start', async () => {
  const first = await up();
  const alice = await logIn(first, 0);
  const guest = await logIn(first);
  const roomJid = `tea@${first.mucService}`;
  await alice.join(roomJid, 'alice');
  await alice.configure(roomJid, { 'muc#roomconfig_persistentroom': '1' });
  await guest.join(roomJid, 'guest');
  const before = await waitForRow(first, (row) => row.occupants === 2 && row.maxUsers === 200);
  alice.abort();
  guest.abort();
  await waitForRow(first, (row) => row.emptyDate !== undefined);
  expect(await stop()).toBe(0);

  const second = await up();
  expect(second).toEqual(first);
  const after = await waitForRow(second, (row) => row.occupants === 0);
  expect(after.creationDate).toBe(before.creationDate);
  // The accounts are the same, and so is who owns the room.
  const again = await logIn(second, 0);
  expect(await again.readAffiliations(roomJid, 'owner')).toEqual(['alice@localhost']);
  again.abort();
}, 120_000);
