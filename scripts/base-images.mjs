/**
 * The two base images of the Dockerfile, made from Debian's own packages and this machine's Node,
 * where no image registry is to be reached.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { attempt, run } from './container-engine.mjs';
import { copyProgram, importImage } from './image-import.mjs';

const DEBIAN = 'docker.io/library/debian:bookworm-slim';
const NODE = 'docker.io/library/node:20-bookworm-slim';
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';
const CODENAME = 'bookworm';

/**
 * Makes the images that are missing. Fails with ContainersUnavailable where no mirror has what
 * they are made of.
 */
export function ensureBaseImages(say) {
  const has = (image) =>
    run('podman', ['image', 'exists', image], { isAllowedToFail: true }).isDone;
  if (has(DEBIAN) && has(NODE)) {
    return;
  }
  const dir = mkdtempSync(join(tmpdir(), 'conference-base-'));
  try {
    const root = join(dir, 'root');
    say('Making a Debian image (mmdebstrap)');
    attempt('no base image can be made', 'mmdebstrap', [
      '--variant=minbase',
      '--include=ca-certificates',
      CODENAME,
      root,
      ...findMirror(),
    ]);
    // Whatever this machine trusts, builds on it trust too.
    cpSync(CERTIFICATES, join(root, CERTIFICATES));
    const podman = (args) => run('podman', args);
    importImage(podman, root, DEBIAN);
    say("Making a Node image (this machine's own)");
    copyNode(root);
    importImage(podman, root, NODE, {
      NODE_EXTRA_CA_CERTS: CERTIFICATES,
      NPM_CONFIG_PREFER_OFFLINE: 'true',
      NPM_CONFIG_REGISTRY: execFileSync('npm', ['config', 'get', 'registry'], {
        encoding: 'utf8',
      }).trim(),
    });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  attempt(
    'npm in a container reaches no registry',
    'podman',
    ['run', '--rm', '--network=host', NODE, 'npm', 'view', 'typescript', 'version'],
    { timeoutMs: 60_000 },
  );
}

/** The mirror from which this machine itself installs, where it is one of the same Debian. */
function findMirror() {
  const { output } = run(
    'apt-get',
    ['indextargets', '--format', '$(CODENAME) $(COMPONENT) $(REPO_URI)', 'Created-By: Packages'],
    { isAllowedToFail: true },
  );
  const line = output.split('\n').find((target) => target.startsWith(`${CODENAME} main `));
  return line === undefined ? [] : [line.split(' ')[2]];
}

function copyNode(root) {
  copyProgram(process.execPath, root, '/usr/local/bin/node');
  const npm = realpathSync(execFileSync('which', ['npm'], { encoding: 'utf8' }).trim());
  const target = join(root, 'usr', 'local', 'lib', 'node_modules', 'npm');
  cpSync(dirname(dirname(npm)), target, { recursive: true });
  for (const name of ['npm', 'npx']) {
    const link = join(root, 'usr', 'local', 'bin', name);
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, link);
  }
}
