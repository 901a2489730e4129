/**
 * Requests per second of `GET /v1/conference.json`, beside nginx serving the same bytes and
 * beside Express's `res.json`, in one run: the figures of one machine drift, ratios much less.
 * Each figure is the median of three rounds; the contestants take turns in each round.
 */
import { spawn } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startNginx } from './nginx.mjs';
import { measure, medianOf } from './wrk.mjs';

const ROOM_COUNTS = (process.env.BENCH_ROOMS ?? '100,1000,10000').split(',').map(Number);
const ROUNDS = 3;
const SECONDS = Number(process.env.BENCH_SECONDS ?? 3);
const SERVER = fileURLToPath(new URL('./serve-list.mjs', import.meta.url));

/** Prints the table. */
export async function run() {
  process.stdout.write(
    `list: requests/s, medians of ${ROUNDS}; ${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.versions.node}, load ${loadavg()[0]?.toFixed(1)} before\n\n` +
      '| rooms | bytes | form | nginx | facade | facade/nginx | res.json | facade/res.json | CPU µs per request: nginx / facade / res.json |\n' +
      '| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n',
  );
  for (const rooms of ROOM_COUNTS) {
    await runWith(rooms);
  }
}

async function runWith(rooms) {
  const facade = await startServer('facade', rooms);
  const resJson = await startServer('res-json', rooms);
  const authorization = `Basic ${Buffer.from(`${facade.user}:${facade.password}`).toString('base64')}`;
  const answer = await fetch(facade.url, {
    headers: { authorization, 'accept-encoding': 'identity' },
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  const nginx = await startNginx(bytes);
  try {
    const facadeEtag = answer.headers.get('etag');
    const nginxEtag = (await fetch(nginx.url)).headers.get('etag');
    const gzip = { 'Accept-Encoding': 'gzip' };
    const contestants = {
      plain: {
        nginx: { url: nginx.url, pid: nginx.pid },
        facade: { url: facade.url, pid: facade.pid, headers: { Authorization: authorization } },
        resJson: { url: resJson.url, pid: resJson.pid },
      },
      gzip: {
        nginx: { url: nginx.gzipUrl, pid: nginx.pid, headers: gzip },
        facade: {
          url: facade.url,
          pid: facade.pid,
          headers: { Authorization: authorization, ...gzip },
        },
      },
      'held (304)': {
        nginx: { url: nginx.url, pid: nginx.pid, headers: { 'If-None-Match': nginxEtag } },
        facade: {
          url: facade.url,
          pid: facade.pid,
          headers: { Authorization: authorization, 'If-None-Match': facadeEtag },
        },
      },
    };
    for (const [form, loads] of Object.entries(contestants)) {
      printRow(rooms, bytes.length, form, await measureInTurns(loads));
    }
  } finally {
    nginx.stop();
    facade.stop();
    resJson.stop();
  }
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

function printRow(rooms, byteCount, form, { nginx, facade, resJson }) {
  const whole = (figure) => (figure === undefined ? '' : Math.round(figure).toLocaleString('en'));
  const cells = [
    whole(rooms),
    whole(byteCount),
    form,
    whole(nginx.perSecond),
    whole(facade.perSecond),
    (facade.perSecond / nginx.perSecond).toFixed(2),
    whole(resJson?.perSecond),
    resJson ? (facade.perSecond / resJson.perSecond).toFixed(1) : '',
    [nginx, facade, resJson].map((figures) => whole(figures?.cpuMicros) || '–').join(' / '),
  ];
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
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
