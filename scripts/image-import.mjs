/** Images made of folders: a program of this machine with its libraries, a folder as an image. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Copies a program to a path under `root`, and the libraries (and loader) that are not there. */
export function copyProgram(program, root, path) {
  copyFile(program, join(root, path));
  const libraries = execFileSync('ldd', [program], { encoding: 'utf8' });
  for (const [, library] of libraries.matchAll(/(?:^\s*|=> )(\/\S+)/gm)) {
    if (!existsSync(join(root, library))) {
      copyFile(library, join(root, library));
    }
  }
}

function copyFile(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(realpathSync(from), to);
}

/**
 * Makes an image of a folder.
 * @param podman runs podman with arguments
 * @param environment variables that its containers have
 */
export function importImage(podman, root, name, environment = {}) {
  const archive = `${root}.tar`;
  execFileSync('tar', ['-C', root, '-cf', archive, '.']);
  const changes = Object.entries(environment).flatMap(([variable, value]) => [
    '--change',
    `ENV ${variable}=${value}`,
  ]);
  podman(['import', ...changes, archive, name]);
  rmSync(archive);
}
