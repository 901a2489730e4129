/**
 * `npm run lockfile`: completes package-lock.json after dependencies changed.
 *
 * Native packages come in one variant for each system, as optional dependencies. A registry that
 * holds only some of them (a mirror does) makes `npm install` leave the others out of the
 * lockfile, and `npm ci` then refuses it everywhere. Here they are put in by name and version;
 * npm skips them on other systems, and where one is needed it looks it up. With `--check` nothing
 * is written and the exit code tells.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectDir } from './prepare.mjs';

const SYSTEMS = 'aix android darwin freebsd linux netbsd openbsd openharmony sunos win32'.split(
  ' ',
);
const CPUS = 'arm arm64 ia32 loong64 mips64el ppc64 riscv64 s390x x64 wasm32'.split(' ');

/** Which system a variant is for, by the convention of such names: `-linux-arm-gnueabihf`. */
function platformOf(name) {
  const words = name.split(/[-/]/);
  const os = words.find((word) => SYSTEMS.includes(word));
  const cpu = words.findLast((word) => CPUS.includes(word));
  const libc = words.some((word) => word.startsWith('musl'))
    ? ['musl']
    : os === 'linux' && words.some((word) => word.startsWith('gnu'))
      ? ['glibc']
      : undefined;
  return { cpu: cpu && [cpu], libc, os: os && [os] };
}

/** The path under which Node would find a dependency of the package at `from`, if it is locked. */
function isLocked(packages, from, name) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`] !== undefined) {
      return true;
    }
    if (at === '' || !at.includes('/node_modules/')) {
      return packages[`node_modules/${name}`] !== undefined;
    }
  }
}

const file = join(projectDir, 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const missing = {};
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const isVariant = /^\d/.test(version) && Object.values(platformOf(name)).some(Boolean);
    if (isVariant && !isLocked(lock.packages, path, name)) {
      // The order of the keys is npm's.
      const { cpu, libc, os } = platformOf(name);
      missing[`node_modules/${name}`] = { version, cpu, dev: entry.dev, libc, optional: true, os };
    }
  }
}

const names = Object.keys(missing);
if (process.argv.includes('--check')) {
  if (names.length > 0) {
    process.stdout.write(`package-lock.json lacks ${names.join(', ')}: npm run lockfile\n`);
    process.exitCode = 1;
  }
} else if (names.length > 0) {
  const sorted = Object.entries({ ...lock.packages, ...missing }).sort(([a], [b]) =>
    a.localeCompare(b, 'en'),
  );
  writeFileSync(
    file,
    `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, undefined, 2)}\n`,
  );
  process.stdout.write(`added ${names.length} variants for other systems\n`);
}
