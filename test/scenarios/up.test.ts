/** `npm run up` as people meet it: started, used, stopped, killed, started again. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Announcement } from '@conference/launcher';
import type { RoomRow } from '@conference/muc';
import { freePorts } from '../servers/free-port.js';
import { ChatClient } from '../support/chat-client.js';
import { eventually, withDeadline } from '../support/eventually.js';

const LAUNCHER = join('services', 'launcher', 'dist', 'main.js');
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;
const TEST_TIMEOUT_MS = 90_000;

let dir: string;
let options: string[];
let launchers: ChildProcess[] = [];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'conference-up-'));
  const [http, c2s, component, websocket, redis] = await freePorts(5);
  options = [
    `--dir=${dir}`,
    `--http-port=${http}`,
    `--c2s-port=${c2s}`,
    `--component-port=${component}`,
    `--websocket-port=${websocket}`,
    `--redis-port=${redis}`,
  ];
});

afterEach(async () => {
  for (const launcher of launchers) {
    launcher.kill('SIGTERM');
    if (launcher.exitCode === null && launcher.signalCode === null) {
      await once(launcher, 'exit');
    }
  }
  launchers = [];
  rmSync(dir, { recursive: true, force: true });
});

interface Run {
  readonly process: ChildProcess;
  /** What it printed until now. */
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

function up(...extra: string[]): Run {
  const child = spawn(process.execPath, [LAUNCHER, ...options, ...extra], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  launchers.push(child);
  let output = '';
  const collect = (chunk: Buffer): void => {
    output += chunk.toString('utf8');
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const ended = once(child, 'close').then(([exitCode]) => exitCode as number | null);
  return { process: child, output: () => output, ended };
}

async function announced(run: Run): Promise<Announcement> {
  await eventually(
    () => run.output(),
    (output) => output.includes('\ncurl '),
    {
      timeoutMs: START_TIMEOUT_MS,
      what: 'the line with curl',
    },
  );
  return JSON.parse(readFileSync(join(dir, 'up.json'), 'utf8')) as Announcement;
}

async function stop(run: Run): Promise<void> {
  run.process.kill('SIGTERM');
  expect(await withDeadline(run.ended, 'the stop', STOP_TIMEOUT_MS)).toBe(0);
}

/** Process ids of the children, by the records that the launcher keeps of them. */
function childPids(): Record<string, number> {
  const files = readdirSync(join(dir, 'run'));
  return Object.fromEntries(
    files.map((file) => {
      const { pid } = JSON.parse(readFileSync(join(dir, 'run', file), 'utf8')) as { pid: number };
      return [file.replace('.json', ''), pid];
    }),
  );
}

/** A process that has ended but was not yet waited for (a zombie) runs no more. */
function isRunning(pid: number): boolean {
  const path = `/proc/${pid}/status`;
  return existsSync(path) && !readFileSync(path, 'utf8').includes('State:\tZ');
}

/** Runs the printed line in a shell, as somebody does who pastes it. */
async function pasteCurl(run: Run): Promise<RoomRow[]> {
  const line = run
    .output()
    .split('\n')
    .filter((candidate) => candidate.startsWith('curl '));
  expect(line).toHaveLength(1);
  const { stdout } = await promisify(execFile)('sh', ['-c', line[0]!]);
  return (JSON.parse(stdout) as { data: { rooms: RoomRow[] } }).data.rooms;
}

function logIn({ xmpp }: Announcement, account = 0): Promise<ChatClient> {
  return ChatClient.connect({ ...xmpp, account: xmpp.accounts[account]! });
}

test(
  'a room shows in the list, and lives through a stop with its dates and keys',
  async () => {
    const first = up();
    const before = await announced(first);
    for (const file of ['up.json', 'secrets.json', 'sites.json', 'default-site.json']) {
      expect([file, statSync(join(dir, file)).mode & 0o777]).toEqual([file, 0o600]);
    }
    expect(before.xmpp.accounts).toHaveLength(2);
    const alice = await logIn(before);
    await alice.join('tea@conference.localhost', 'Alice');
    await alice.configure('tea@conference.localhost', { 'muc#roomconfig_persistentroom': '1' });
    const [row] = await eventually(
      () => pasteCurl(first),
      (rows) => rows[0]?.occupants === 1,
    );
    expect(row).toMatchObject({ roomId: 'tea', owners: 1, moderators: 1 });
    await alice.disconnect();
    const [empty] = await eventually(
      () => pasteCurl(first),
      (rows) => rows[0]?.occupants === 0,
    );

    const pids = Object.values(childPids());
    expect(pids).toHaveLength(4);
    await stop(first);
    expect(pids.filter(isRunning)).toEqual([]);
    expect(existsSync(join(dir, 'up.json'))).toBe(false);

    const second = up();
    expect(await announced(second)).toEqual(before);
    expect(await pasteCurl(second)).toEqual([empty]);
    const guest = await ChatClient.connect({ ...before.xmpp, domain: before.xmpp.anonymousDomain });
    await guest.join('tea@conference.localhost', 'Guest');
    await guest.disconnect();
    await stop(second);
  },
  TEST_TIMEOUT_MS,
);

test(
  'what it prints works, also after its secrets were deleted and its key edited',
  async () => {
    const first = up('--store=memory');
    const before = await announced(first);
    expect(first.output()).toContain('dates of rooms are forgotten');
    await stop(first);
    rmSync(join(dir, 'secrets.json'));
    const keyFile = join(dir, 'default-site.json');
    const key = JSON.parse(readFileSync(keyFile, 'utf8')) as object;
    writeFileSync(keyFile, JSON.stringify({ ...key, apiKey: 'edited' }));

    const second = up('--store=memory');
    const after = await announced(second);
    expect(after.xmpp.accounts).not.toEqual(before.xmpp.accounts);
    for (const account of [0, 1]) {
      const client = await logIn(after, account);
      await client.disconnect();
    }
    expect(await pasteCurl(second)).toEqual([]);
    await stop(second);
  },
  TEST_TIMEOUT_MS,
);

test(
  'with the memory store it is one process without Redis',
  async () => {
    const run = up('--store=memory');
    const announcement = await announced(run);
    expect(Object.keys(childPids()).sort()).toEqual(['prosody', 'standalone']);
    const alice = await logIn(announcement, 1);
    await alice.join('tea@conference.localhost', 'Bob');
    await eventually(
      () => pasteCurl(run),
      (rows) => rows[0]?.roomId === 'tea',
    );
    await alice.disconnect();
    await stop(run);
  },
  TEST_TIMEOUT_MS,
);

test(
  'a launcher that is killed takes its children and its announcement along; the next one starts',
  async () => {
    const run = up();
    const before = await announced(run);
    const pids = Object.values(childPids());
    run.process.kill('SIGKILL');
    await eventually(
      () => pids.filter(isRunning).length,
      (count) => count === 0,
      {
        what: 'the end of the children',
      },
    );
    await eventually(
      () => existsSync(join(dir, 'up.json')),
      (isThere) => !isThere,
      { what: 'the end of the announcement' },
    );
    const next = up();
    expect(await announced(next)).toEqual(before);
    await stop(next);
  },
  TEST_TIMEOUT_MS,
);

test(
  'a child that is killed comes back',
  async () => {
    const run = up();
    await announced(run);
    const { facade, tracker } = childPids();
    process.kill(facade!, 'SIGKILL');
    process.kill(tracker!, 'SIGKILL');
    await eventually(
      () => childPids(),
      (pids) =>
        pids['facade'] !== undefined &&
        pids['facade'] !== facade &&
        pids['tracker'] !== undefined &&
        pids['tracker'] !== tracker,
    );
    expect(await eventually(() => pasteCurl(run), Array.isArray)).toEqual([]);
    expect(run.output()).toContain('facade was ended by SIGKILL; starting it again');
    await stop(run);
  },
  TEST_TIMEOUT_MS,
);

test(
  'a leftover of its own is ended, a process that only has the same id is not',
  async () => {
    const bystander = spawn('sleep', ['60']);
    const first = up();
    await announced(first);
    process.kill(childPids()['redis']!, 'SIGSTOP');
    const pids = childPids();
    first.process.kill('SIGKILL');
    await eventually(
      () => isRunning(pids['tracker']!),
      (isAlive) => !isAlive,
    );
    expect(isRunning(pids['redis']!)).toBe(true);
    writeFileSync(
      join(dir, 'run', 'bystander.json'),
      JSON.stringify({ pid: bystander.pid, identity: 'another boot' }),
    );
    const second = up();
    await announced(second);
    expect(second.output()).toContain(`Ending redis (process ${pids['redis']})`);
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    bystander.kill();
    await stop(second);
  },
  TEST_TIMEOUT_MS,
);

/** It must end with a sentence that says this, leave nothing, and write no announcement. */
async function expectRefusal(run: Run, sentence: string): Promise<void> {
  expect(await withDeadline(run.ended, 'the refusal', START_TIMEOUT_MS)).toBe(1);
  expect(run.output()).toContain(sentence);
  expect(run.output()).not.toContain('    at ');
}

test(
  'a second one in the same folder is refused and harms nothing',
  async () => {
    const first = up();
    await announced(first);
    await expectRefusal(up(), `process ${first.process.pid}`);
    expect(await pasteCurl(first)).toEqual([]);
    await stop(first);
  },
  TEST_TIMEOUT_MS,
);

test.each(['http', 'c2s', 'component', 'websocket', 'redis'])(
  'a busy port of %s is named',
  async (name) => {
    const port = Number(
      options.find((option) => option.startsWith(`--${name}-port`))!.split('=')[1],
    );
    const server: Server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    try {
      await expectRefusal(up(), `--${name}-port`);
      expect(childPids()).toEqual({});
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
  writeFileSync(join(dir, file), '{ "broken');
  await expectRefusal(up(), sentence);
  expect(childPids()).toEqual({});
});

test('a wrong option is named', async () => {
  await expectRefusal(up('--http-port=http'), '--http-port (CONFERENCE_HTTP_PORT) is "http"');
  await expectRefusal(up('--color'), '--color');
});

test(
  'a stop in the middle of the start leaves nothing',
  async () => {
    const run = up();
    await eventually(
      () => run.output(),
      (output) => output.includes('Starting prosody'),
    );
    await stop(run);
    expect(childPids()).toEqual({});
    expect(existsSync(join(dir, 'up.json'))).toBe(false);
  },
  TEST_TIMEOUT_MS,
);
