/**
 * A large list while it changes: requests per second and the time of the slowest in a hundred, as
 * a ratio to the same while nothing changes, and the longest pause of the facade's event loop. One
 * facade over a Redis that the store's own writer writes to; the two cases take turns.
 *
 * BENCH_ROOMS rooms of one site (by default 100,000), BENCH_RATE changes a second (100).
 */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endProcess, spawnTied, withCleanup } from './processes.mjs';
import { startRedis } from './redis.mjs';
import { SITE_ID, startFacade } from './services.mjs';
import { medianOf, printHead, printRow } from './statistics.mjs';
import { measure } from './wrk.mjs';

const ROOMS = Number(process.env.BENCH_ROOMS ?? 100_000);
const RATE = Number(process.env.BENCH_RATE ?? 100);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 5);
const MUC_SERVICE = 'conference.localhost';
const WRITER = fileURLToPath(new URL('./list-writer.mjs', import.meta.url));

/** What is asked for, and by how many connections at a time. */
const FORMS = [
  { form: 'plain', headers: {}, connections: 8 },
  { form: 'gzip', headers: { 'Accept-Encoding': 'gzip' }, connections: 32 },
  // Names every version: with changes going on, no one ETag is held for long.
  { form: 'held (304)', headers: { 'If-None-Match': '*' }, connections: 32 },
];

/** Prints the tables. */
export function run() {
  return withCleanup(async (cleanup) => {
    const redis = await startRedis(cleanup);
    const writer = await startWriter(cleanup, redis);
    const startedMs = performance.now();
    const prosody = { mucService: MUC_SERVICE };
    const facade = await startFacade(cleanup, { prosody, redis });
    const answersMs = performance.now() - startedMs;
    // What loading its code took is no pause of the service: nobody could ask yet.
    const loaded = await facade.measure();
    const list = await fetchFirstList(facade);
    const wholeMs = performance.now() - startedMs;
    const started = await facade.measure();
    process.stdout.write(
      `list-changes: ${ROOMS.toLocaleString('en')} rooms of one site, ${list.byteCount.toLocaleString('en')} bytes; ` +
        `${RATE} changes/s; medians of ${ROUNDS} rounds of ${SECONDS} s\n\n` +
        `start: answers after ${(answersMs / 1000).toFixed(2)} s, with the list after ${(wholeMs / 1000).toFixed(2)} s; ` +
        `longest pause ${started.longestPauseMs.toFixed(0)} ms ` +
        `(${loaded.longestPauseMs.toFixed(0)} ms before it answered)\n\n`,
    );
    printHead([
      ...['form', 'connections', 'requests/s: quiet', 'changing', 'ratio'],
      ...['p99 ms: quiet', 'changing', 'ratio', 'longest pause ms: quiet', 'changing'],
    ]);
    for (const asked of FORMS) {
      await measureForm({ asked, facade, writer });
    }
    process.stdout.write('\n');
  });
}

async function measureForm({ asked, facade, writer }) {
  const load = {
    ...{ url: facade.url, pid: facade.pid, connections: asked.connections },
    headers: { Authorization: facade.authorization, ...asked.headers },
  };
  await measure({ ...load, seconds: 1 });
  const quiet = [];
  const changing = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    quiet.push(await measureRound(load, facade));
    await writer.change(RATE);
    changing.push(await measureRound(load, facade));
    const changed = await writer.change(0);
    if (changed < RATE * SECONDS * 0.95) {
      throw new Error(`the writer made ${changed} changes in place of ${RATE * SECONDS}`);
    }
  }
  const perSecond = [quiet, changing].map((rounds) => medianOf(rounds.map((r) => r.perSecond)));
  const p99 = [quiet, changing].map((rounds) => medianOf(rounds.map((r) => r.p99Ms)));
  const pauses = [quiet, changing].map((rounds) => Math.max(...rounds.map((r) => r.pauseMs)));
  printRow([
    ...[asked.form, asked.connections],
    ...perSecond.map((figure) => figure.toLocaleString('en', { maximumSignificantDigits: 4 })),
    (perSecond[1] / perSecond[0]).toFixed(2),
    ...p99.map((figure) => figure.toFixed(1)),
    (p99[1] / p99[0]).toFixed(2),
    ...pauses.map((figure) => figure.toFixed(0)),
  ]);
}

async function measureRound(load, facade) {
  await facade.measure();
  const measured = await measure({ ...load, seconds: SECONDS });
  const { longestPauseMs } = await facade.measure();
  return { ...measured, pauseMs: longestPauseMs };
}

/** Asks until the list is there, which is 503 before. */
async function fetchFirstList({ url, authorization }) {
  for (;;) {
    const answer = await fetch(url, { headers: { authorization } });
    const body = await answer.text();
    if (answer.ok) return { byteCount: Buffer.byteLength(body) };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function startWriter(cleanup, redis) {
  const child = spawnTied(
    process.execPath,
    [WRITER, redis.url, MUC_SERVICE, SITE_ID, String(ROOMS)],
    { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
  );
  cleanup.add(() => endProcess(child));
  await once(child.stdout, 'data');
  return {
    /** Sets the changes a second; resolves with how many there were since this was set last. */
    async change(rate) {
      const answer = once(child, 'message');
      child.send(rate);
      return (await answer)[0];
    },
  };
}
