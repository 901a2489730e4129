/**
 * The two base images of the Dockerfile, made from Debian's own packages and this machine's Node,
 * where no image registry is to be reached.
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const DEBIAN = 'docker.io/library/debian:bookworm-slim';
const NODE = 'docker.io/library/node:20-bookworm-slim';
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

/** Makes the images that are missing. @param podman runs podman with arguments */
export function ensureBaseImages(podman, say) {
  const has = (image) => podman(['image', 'exists', image], { isAllowedToFail: true });
  if (has(DEBIAN) && has(NODE)) {
    return;
  }
  const dir = mkdtempSync(join(tmpdir(), 'conference-base-'));
  try {
    const root = join(dir, 'root');
    say('Making a Debian image (debootstrap)');
    execFileSync(
      'debootstrap',
      ['--variant=minbase', '--include=ca-certificates', 'bookworm', root],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    // Whatever this machine trusts, builds on it trust too.
    cpSync(CERTIFICATES, join(root, CERTIFICATES));
    importImage(podman, root, dir, DEBIAN);
    say("Making a Node image (this machine's own)");
    copyNode(root);
    importImage(podman, root, dir, NODE);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function importImage(podman, root, dir, name) {
  const archive = join(dir, 'image.tar');
  execFileSync('tar', ['-C', root, '-cf', archive, '.']);
  podman(['import', '--change', `ENV NODE_EXTRA_CA_CERTS=${CERTIFICATES}`, archive, name]);
}

function copyNode(root) {
  const bin = join(root, 'usr', 'local', 'bin');
  mkdirSync(bin, { recursive: true });
  cpSync(process.execPath, join(bin, 'node'));
  const npm = realpathSync(execFileSync('which', ['npm'], { encoding: 'utf8' }).trim());
  const npmDir = dirname(dirname(npm));
  const target = join(root, 'usr', 'local', 'lib', 'node_modules', 'npm');
  cpSync(npmDir, target, { recursive: true });
  for (const name of ['npm', 'npx']) {
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(bin, name));
  }
  const libraries = execFileSync('ldd', [process.execPath], { encoding: 'utf8' });
  for (const [, library] of libraries.matchAll(/=> (\/\S+)/g)) {
    if (!existsSync(join(root, library))) {
      mkdirSync(dirname(join(root, library)), { recursive: true });
      cpSync(realpathSync(library), join(root, library));
    }
  }
}
