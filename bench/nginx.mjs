/** nginx on a free port of the loopback, in one process, serving one file: the yardstick. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/**
 * Starts nginx over the given bytes.
 * @param {Buffer} bytes
 * @returns {Promise<{ url: string, gzipUrl: string, pid: number, stop(): void }>} the bytes as they are, and
 *   compressed beforehand
 */
export async function startNginx(bytes) {
  const directory = mkdtempSync(join(tmpdir(), 'conference-nginx-'));
  const port = await findFreePort();
  writeFileSync(join(directory, 'plain.json'), bytes);
  writeFileSync(join(directory, 'zipped.json'), gzipSync(bytes));
  writeFileSync(join(directory, 'nginx.conf'), configuration(directory, port));
  const nginx = spawn('nginx', ['-p', directory, '-c', 'nginx.conf', '-e', 'error.log'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}/plain.json`;
  await waitUntilAnswered(url, nginx);
  return {
    url,
    gzipUrl: `http://127.0.0.1:${port}/zipped.json`,
    pid: nginx.pid,
    stop() {
      nginx.once('exit', () => rmSync(directory, { recursive: true, force: true }));
      nginx.kill('SIGTERM');
    },
  };
}

function configuration(directory, port) {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${directory}/${kind};`)
    .join(' ');
  return `
daemon off;
master_process off;
${process.getuid?.() === 0 ? 'user root;' : ''}
pid ${directory}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  open_file_cache max=10;
  types { application/json json; }
  ${temporary}
  server {
    listen 127.0.0.1:${port};
    root ${directory};
    location = /zipped.json { add_header Content-Encoding gzip; }
  }
}
`;
}

/** A port that was free a moment ago. */
function findFreePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function waitUntilAnswered(url, child) {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline && child.exitCode === null) {
    try {
      await (await fetch(url)).arrayBuffer();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error('nginx did not come up');
}
