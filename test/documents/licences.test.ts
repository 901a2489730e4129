/** docs/decisions/0001-dependencies.md against the licence of every package that is installed. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

const PROJECT = new URL('../../', import.meta.url);

const readText = (path: string): string => readFileSync(new URL(path, PROJECT), 'utf8');

interface LockedPackage {
  readonly path: string;
  readonly isDevelopment: boolean;
  /** An SPDX expression, or that there is none. */
  readonly licence: string;
}

interface Manifest {
  readonly license?: string;
  /** How npm had it before SPDX expressions. */
  readonly licenses?: readonly { readonly type: string }[];
}

function licenceOf({ license, licenses = [] }: Manifest): string {
  return license ?? (licenses.map(({ type }) => type).join(' OR ') || 'no licence');
}

/** Those that this system needs; variants for others are not installed, and are of the same make. */
function listInstalled(): LockedPackage[] {
  const { packages } = JSON.parse(readText('package-lock.json')) as {
    packages: Record<string, { dev?: boolean; link?: boolean }>;
  };
  return Object.entries(packages)
    .filter(([path, { link }]) => path.includes('node_modules/') && link !== true)
    .filter(([path]) => existsSync(new URL(`${path}/package.json`, PROJECT)))
    .map(([path, { dev }]) => ({
      path,
      isDevelopment: dev === true,
      licence: licenceOf(JSON.parse(readText(`${path}/package.json`)) as Manifest),
    }));
}

/** Whether an expression can be met: one side of every `OR`, all of every `AND`. */
function isAllowed(expression: string, allowed: readonly string[]): boolean {
  return expression
    .replace(/^\((.*)\)$/, '$1')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((licence) => allowed.includes(licence)));
}

const [, inAll = '', inTools = ''] =
  /^- All licences permit(.*?)\. What is only used(.*)$/m.exec(
    readText('docs/decisions/0001-dependencies.md'),
  ) ?? [];
const namesIn = (text: string): string[] =>
  [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
const allowedInAll = namesIn(inAll);
const allowedInTools = [...allowedInAll, ...namesIn(inTools)];

describe('licences', () => {
  const installed = listInstalled();

  test('of everything that is installed are among those that we allow', () => {
    expect(installed.length).toBeGreaterThan(500);
    expect(
      installed.filter(
        ({ licence, isDevelopment }) =>
          !isAllowed(licence, isDevelopment ? allowedInTools : allowedInAll),
      ),
    ).toEqual([]);
  });

  test.each([
    ['MIT', true],
    ['(AFL-2.1 OR BSD-3-Clause)', true],
    ['Apache-2.0 AND MIT', true],
    ['MIT AND GPL-3.0-only', false],
    ['no licence', false],
    ['CC-BY-4.0', false],
  ])('%s in what runs: allowed is %s', (expression, isFine) => {
    expect(isAllowed(expression, allowedInAll)).toBe(isFine);
  });
});
