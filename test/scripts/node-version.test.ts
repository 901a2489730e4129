/** Which Node is needed: what package.json says, what the documents say, what the scripts refuse. */
import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const PROJECT = new URL('../../', import.meta.url);

const read = (path: string): string => readFileSync(new URL(path, PROJECT), 'utf8');

const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
const oldest = engines.node.replace('>=', '');

/** What the scripts say on another Node; they stop before they do anything. */
function refusalOf(version: string, purpose: 'run' | 'test'): string {
  const call = `Object.defineProperty(process, 'versions', { value: { node: '${version}' } });
    const { prepare } = await import('${new URL('scripts/prepare.mjs', PROJECT).href}');
    prepare('${purpose}');`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', call]);
  expect(status).toBe(1);
  return stderr.toString('utf8').trim();
}

describe('the Node that is needed', () => {
  test.each(['18.20.4', '20.5.1'])('on %s `npm run up` says which', (version) => {
    expect(refusalOf(version, 'run')).toBe(
      `Node ${oldest} or later is needed; this is ${version}.`,
    );
  });

  test('for the tests is later, which CONTRIBUTING and README say', () => {
    const [, oldestForTests] = /^Node ([\d.]+) /.exec(refusalOf(`${oldest}.0`, 'test')) ?? [];
    expect(read('CONTRIBUTING.md')).toContain(
      `Node ${oldestForTests} or later; running it needs ${oldest}.`,
    );
    expect(read('README.md')).toContain(`and Node ${oldestForTests} or later`);
  });

  test('is the one that README and the lockfile say', () => {
    expect(read('README.md')).toContain(`with Node ${oldest} or later`);
    const lock = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { engines?: { node: string } }>;
    };
    expect(lock.packages['']?.engines).toEqual(engines);
  });
});
