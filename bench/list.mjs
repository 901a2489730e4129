/**
 * Requests per second of `GET /v1/conference.json`, beside nginx serving the same list, beside what
 * Node and Express cost by themselves, and beside Express's `res.json`, in one run: the figures of one machine drift, ratios much less.
 * Each figure is the median of three rounds; the contestants take turns in each round.
 */
import { spawn } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startNginx } from './nginx.mjs';
import { medianOf, printHead, printRow } from './statistics.mjs';
import { measure } from './wrk.mjs';

const ROOM_COUNTS = (process.env.BENCH_ROOMS ?? '100,1000,10000').split(',').map(Number);
const ROUNDS = 3;
const SECONDS = Number(process.env.BENCH_SECONDS ?? 3);
const SERVER = fileURLToPath(new URL('./serve-list.mjs', import.meta.url));

/** Prints the table. */
export async function run() {
  process.stdout.write(
    `list: requests/s, medians of ${ROUNDS}; ${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.versions.node}, load ${loadavg()[0]?.toFixed(1)} before\n\n`,
  );
  printHead([
    ...['rooms', 'bytes', 'form', 'nginx', 'node:http', 'Express', 'facade', 'res.json'],
    ...['facade/nginx', 'facade/node:http', 'facade/res.json'],
    'CPU µs per request: nginx / node:http / Express / facade / res.json',
  ]);
  for (const rooms of ROOM_COUNTS) {
    await runWith(rooms);
  }
}

async function runWith(rooms) {
  const servers = await startServers(rooms);
  const { facade, nodeHttp, express, resJson } = servers;
  const authorization = `Basic ${Buffer.from(`${facade.user}:${facade.password}`).toString('base64')}`;
  const answer = await fetch(facade.url, {
    headers: { authorization, 'accept-encoding': 'identity' },
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  const nginx = await startNginx(bytes);
  try {
    const nginxEtag = (await fetch(nginx.url)).headers.get('etag');
    const load = ({ url, pid }, headers = {}) => ({ url, pid, headers });
    const ask = (headers) => ({
      nodeHttp: load(nodeHttp, headers),
      express: load(express, headers),
      facade: load(facade, { Authorization: authorization, ...headers }),
    });
    const gzip = { 'Accept-Encoding': 'gzip' };
    const held = (etag) => ({ 'If-None-Match': etag });
    const contestants = {
      plain: { nginx: load(nginx), ...ask({}), resJson: load(resJson) },
      gzip: { nginx: load({ ...nginx, url: nginx.gzipUrl }, gzip), ...ask(gzip) },
      'held (304)': {
        nginx: load(nginx, held(nginxEtag)),
        ...ask(held(nodeHttp.etag)),
        facade: load(facade, { Authorization: authorization, ...held(answer.headers.get('etag')) }),
      },
    };
    for (const [form, loads] of Object.entries(contestants)) {
      printFigures(rooms, bytes.length, form, await measureInTurns(loads));
    }
  } finally {
    for (const { stop } of [nginx, ...Object.values(servers)]) {
      stop();
    }
  }
}

async function startServers(rooms) {
  return {
    facade: await startServer('facade', rooms),
    nodeHttp: await startServer('node-http', rooms),
    express: await startServer('express', rooms),
    resJson: await startServer('res-json', rooms),
  };
}

async function measureInTurns(loads) {
  const figures = Object.fromEntries(Object.keys(loads).map((name) => [name, []]));
  for (const load of Object.values(loads)) {
    await measure({ ...load, seconds: 1 });
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, load] of Object.entries(loads)) {
      figures[name].push(await measure({ ...load, seconds: SECONDS }));
    }
  }
  return Object.fromEntries(
    Object.entries(figures).map(([name, rounds]) => [
      name,
      {
        perSecond: medianOf(rounds.map(({ perSecond }) => perSecond)),
        cpuMicros: medianOf(rounds.map(({ cpuMicros }) => cpuMicros)),
      },
    ]),
  );
}

function printFigures(rooms, byteCount, form, { nginx, nodeHttp, express, facade, resJson }) {
  const whole = (figure) => (figure === undefined ? '' : Math.round(figure).toLocaleString('en'));
  const all = [nginx, nodeHttp, express, facade, resJson];
  const { perSecond } = facade;
  printRow([
    ...[whole(rooms), whole(byteCount), form],
    ...all.map((figures) => whole(figures?.perSecond)),
    (perSecond / nginx.perSecond).toFixed(2),
    (perSecond / nodeHttp.perSecond).toFixed(2),
    resJson ? (perSecond / resJson.perSecond).toFixed(1) : '',
    all.map((figures) => figures?.cpuMicros.toFixed(1) ?? '–').join(' / '),
  ]);
}

/** Starts a server in a process of its own and waits for the line that says where it is. */
async function startServer(how, rooms) {
  const child = spawn(process.execPath, [SERVER, how, String(rooms)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  for await (const line of createInterface({ input: child.stdout })) {
    return { ...JSON.parse(line), pid: child.pid, stop: () => child.kill('SIGTERM') };
  }
  throw new Error(`the server ${how} ended before it was ready`);
}
