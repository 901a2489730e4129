/** docker-compose.yml as it comes up: healthy, without root, and a site that may read the list. */
import { createServer } from 'node:net';
import { run } from './container-engine.mjs';

const PROJECT = 'conference-test';
const SERVICES = ['prosody', 'redis', 'tracker', 'facade'];
const HEALTHY_TIMEOUT_MS = 90_000;

const compose = (args, options) => run('podman-compose', ['-p', PROJECT, ...args], options);
const containerOf = (service) => `${PROJECT}_${service}_1`;

/** Brings it up on free ports and tells where it is. @returns what topology.containers.ts reads */
export async function bringUp(say) {
  const names = ['CONFERENCE_HTTP_PORT', 'CONFERENCE_C2S_PORT', 'CONFERENCE_WEBSOCKET_PORT'];
  for (const name of names) {
    process.env[name] = String(await freePort());
  }
  say('Bringing all up (podman-compose up)');
  compose(['up', '-d']);
  await waitUntilHealthy(say);
  requireNoRoot(say);
  return {
    http: `http://127.0.0.1:${process.env.CONFERENCE_HTTP_PORT}`,
    siteId: 'demo',
    apiKey: addSite(),
    c2sPort: Number(process.env.CONFERENCE_C2S_PORT),
  };
}

/** Also where it is up in part, or not at all. */
export function takeDown(say) {
  say('Taking all down (podman-compose down -v)');
  compose(['down', '-v', '-t', '10'], { isAllowedToFail: true });
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Without systemd podman runs no health checks by itself. */
async function waitUntilHealthy(say) {
  const deadline = Date.now() + HEALTHY_TIMEOUT_MS;
  for (const service of SERVICES) {
    for (;;) {
      const { isDone, output } = run('podman', ['healthcheck', 'run', containerOf(service)], {
        isAllowedToFail: true,
      });
      if (isDone) {
        say(`${service} is healthy`);
        break;
      }
      if (Date.now() > deadline) {
        const { output: log } = run('podman', ['logs', containerOf(service)], {
          isAllowedToFail: true,
        });
        throw new Error(`${service} is not healthy: ${output}\n${log}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

function addSite() {
  const { output } = run('podman', [
    'exec',
    containerOf('facade'),
    'node',
    'services/facade/dist/site-main.js',
    'add',
    'demo',
    '--service',
    'conference.localhost',
  ]);
  const apiKey = /^apiKey: (\S+)$/m.exec(output)?.[1];
  if (apiKey === undefined) {
    throw new Error(`no key in: ${output}`);
  }
  return apiKey;
}

function requireNoRoot(say) {
  for (const service of SERVICES) {
    const { output } = run('podman', ['exec', containerOf(service), 'id', '-u']);
    if (output.trim() !== '10001') {
      throw new Error(`${service} runs as user ${output.trim()}`);
    }
  }
  say('no container runs as root');
}
