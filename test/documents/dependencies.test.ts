/** docs/decisions/0001-dependencies.md against every package.json and what is installed. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const projectDir = fileURLToPath(new URL('../..', import.meta.url));

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** One dependency of one of our packages. */
interface Use {
  readonly dependency: string;
  readonly version: string;
  readonly usedBy: string;
  readonly section: 'runs' | 'builds';
}

const readManifest = (path: string): Manifest =>
  JSON.parse(readFileSync(join(projectDir, path), 'utf8')) as Manifest;

const manifestPaths = [
  'package.json',
  ...['packages', 'services'].flatMap((folder) =>
    readdirSync(join(projectDir, folder)).map((name) => `${folder}/${name}/package.json`),
  ),
].filter((path) => existsSync(join(projectDir, path)));

function usesOf(path: string): Use[] {
  const { name, dependencies = {}, devDependencies = {} } = readManifest(path);
  const usedBy = name.replace('@conference/', '');
  const list = (section: Use['section'], entries: Readonly<Record<string, string>>): Use[] =>
    Object.entries(entries)
      .filter(([dependency]) => !dependency.startsWith('@conference/'))
      .map(([dependency, version]) => ({ dependency, version, usedBy, section }));
  return [...list('runs', dependencies), ...list('builds', devDependencies)];
}

interface Row extends Omit<Use, 'usedBy'> {
  readonly licence: string;
  readonly usedBy: readonly string[];
  readonly reason: string;
}

const document = readFileSync(join(projectDir, 'docs/decisions/0001-dependencies.md'), 'utf8');
const [, running = '', building = ''] = document.split(/^### .*$/m);

const rowsOf = (section: Row['section'], text: string): Row[] =>
  [...text.matchAll(/^\| `([^`]+)` +\|(.*)\|$/gm)].map(([, dependency = '', cells = '']) => {
    const [version = '', licence = '', usedBy = '', reason = ''] = cells
      .split('|')
      .map((cell) => cell.trim());
    return { dependency, version, licence, usedBy: usedBy.split(', '), reason, section };
  });

const rows = [...rowsOf('runs', running), ...rowsOf('builds', building)];

/** The installed package that the package.json at `path` leads to. */
function findInstalled(path: string, dependency: string): Manifest | undefined {
  const places = createRequire(join(projectDir, path)).resolve.paths(dependency) ?? [];
  const found = places
    .map((place) => join(place, dependency, 'package.json'))
    .find((file) => existsSync(file));
  return found === undefined ? undefined : (JSON.parse(readFileSync(found, 'utf8')) as Manifest);
}

const uses = manifestPaths.flatMap(usesOf);
const inWords = ({ dependency, version, usedBy, section }: Use): string =>
  `${usedBy} ${section} with ${dependency} ${version}`;

describe('the table of dependencies', () => {
  test('lists exactly the dependencies of every package.json, with their exact versions', () => {
    const listed = rows.flatMap((row) => row.usedBy.map((usedBy) => inWords({ ...row, usedBy })));
    expect(uses.length).toBeGreaterThan(20);
    expect(listed.sort()).toEqual(uses.map(inWords).sort());
  });

  test('tells the licences of what is installed', () => {
    const licences = manifestPaths.flatMap((path) =>
      usesOf(path).map(({ dependency, version }) => {
        const installed = findInstalled(path, dependency);
        return `${dependency} ${installed?.version ?? version} ${installed?.license ?? 'not installed'}`;
      }),
    );
    const listed = rows.map((row) => `${row.dependency} ${row.version} ${row.licence}`);
    expect([...new Set(listed)].sort()).toEqual([...new Set(licences)].sort());
  });

  test('gives a reason for each', () => {
    expect(rows.filter(({ reason }) => reason === '')).toEqual([]);
  });

  test('every version is exact', () => {
    expect(uses.filter(({ version }) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });
});
