/** The backends that the conformance tests run on: one folder each under `test/backends`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { listTestFiles } from './jest-run.mjs';
import { projectDir } from './prepare.mjs';

const FOLDER = join(projectDir, 'test', 'backends');

/** Servers in containers: only `npm run test:containers` has what they need. */
const CONTAINER_PREFIX = 'container-';

/** Their names, in order; without those in containers. */
export function listBackends() {
  return listFolders().filter((name) => !name.startsWith(CONTAINER_PREFIX));
}

/** The names of those in containers, in order. */
export function listContainerBackends() {
  return listFolders().filter((name) => name.startsWith(CONTAINER_PREFIX));
}

function listFolders() {
  return readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/**
 * Splits the arguments of `npm test` into backends (`--backend NAME`, as often as wanted) and
 * patterns of paths. Ends the process with one sentence where there is no such backend.
 * @param {Record<string, object>} more options beside it, as `parseArgs` wants them; what is given
 *   of them is in `values`
 */
export function readTestArguments(args, more = {}) {
  let given;
  try {
    given = parseArgs({
      args,
      options: { backend: { type: 'string', multiple: true }, ...more },
      allowPositionals: true,
    });
  } catch (error) {
    const known = ['backend', ...Object.keys(more)].map(
      (name) => `--${name} ${name.toUpperCase()}`,
    );
    fail(`${error.message.split('\n')[0]} Known: ${known.join(', ')}, and patterns of paths.`);
  }
  const backends = given.values.backend ?? [];
  const unknown = backends.filter((name) => !listBackends().includes(name));
  if (unknown.length > 0) {
    fail(`There is no backend ${unknown.join(', ')}; there are ${listBackends().join(', ')}.`);
  }
  return { backends, patterns: given.positionals, values: given.values };
}

/**
 * What must be installed for them: their folders' `debian-packages.json`, each entry the name of a
 * package that the project knows, or a package as the launcher describes it.
 */
export function listBackendPackages(backends, known) {
  return backends.flatMap((name) => {
    const file = join(FOLDER, name, 'debian-packages.json');
    const entries = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
    return entries.map((entry) => (typeof entry === 'string' ? known[entry] : entry));
  });
}

/** The test files that run on each backend. */
export function listConformanceFiles() {
  return listTestFiles().filter((file) =>
    readFileSync(join(projectDir, file), 'utf8').includes('onEachBackend('),
  );
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
