/** runMain ends its process, so every case is a process of its own. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { transformFileSync } from '@swc/core';
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const DEADLINE_MS = 10_000;
let dir: string;

/** Lays the two sources that a process needs out as packages, so that no build is needed. */
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'conference-main-'));
  const mucDir = join(dir, 'node_modules/@conference/muc');
  const mucSources = join(import.meta.dirname, '../../muc/src');
  mkdirSync(mucDir, { recursive: true });
  for (const file of readdirSync(mucSources).filter((name) => !name.endsWith('.test.ts'))) {
    writeFileSync(join(mucDir, file.replace(/ts$/, 'js')), javascriptOf(join(mucSources, file)));
  }
  const manifest = JSON.stringify({ name: '@conference/muc', type: 'module', main: 'index.js' });
  writeFileSync(join(mucDir, 'package.json'), manifest);
  writeFileSync(join(dir, 'main.mjs'), javascriptOf(join(import.meta.dirname, 'main.ts')));
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

function javascriptOf(file: string): string {
  return transformFileSync(file, {
    jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
    module: { type: 'es6' },
  }).code;
}

class Run {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<unknown[]>;
  stdout = '';
  stderr = '';

  /** @param start the body of an async function that returns a service. */
  constructor(start: string) {
    const program = `import { ConferenceError } from '@conference/muc';
      import { runMain } from './main.mjs';
      await runMain(async () => { ${start} });`;
    this.#child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      cwd: dir,
      env: {},
      timeout: DEADLINE_MS,
      killSignal: 'SIGKILL',
    });
    this.#child.stdout.on('data', (chunk) => (this.stdout += String(chunk)));
    this.#child.stderr.on('data', (chunk) => (this.stderr += String(chunk)));
    this.#ended = once(this.#child, 'close');
  }

  /** Resolves when the process has said this; fails when it ends without. */
  async said(word: string): Promise<void> {
    while (!this.stdout.includes(word)) {
      const [what] = await Promise.race([
        once(this.#child.stdout, 'data').then(() => ['data'] as unknown[]),
        this.#ended,
      ]);
      if (what !== 'data' && !this.stdout.includes(word)) {
        throw new Error(`ended without "${word}": ${this.stdout}${this.stderr}`);
      }
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  tell(text: string): void {
    this.#child.stdin.write(text);
  }

  /** How the process ended: its exit code, or the signal that killed it. */
  async end(): Promise<unknown> {
    const [code, signal] = await this.#ended;
    return code ?? signal;
  }
}

/** Keeps the process alive; `told` resolves when something is written to its input. */
const SERVICE = `
  const alive = setInterval(() => undefined, 1_000);
  const told = new Promise((resolve) => process.stdin.once('data', resolve));
  setImmediate(() => console.log('running'));
`;

describe('a service that cannot start', () => {
  test('for its configuration: code 2, and the sentence alone', async () => {
    const run = new Run(`throw new ConferenceError('configuration-invalid', 'PORT is not set');`);
    expect(await run.end()).toBe(2);
    expect(run.stderr).toBe('PORT is not set\n');
  });

  test('for another reason of ours: code 1, and the sentence', async () => {
    const run = new Run(`throw new ConferenceError('store-unavailable', 'no store');`);
    expect(await run.end()).toBe(1);
    expect(run.stderr).toBe('no store\n');
  });

  test('for a fault: code 1, and where it happened', async () => {
    const run = new Run(`throw new TypeError('a bug');`);
    expect(await run.end()).toBe(1);
    expect(run.stderr).toMatch(/^TypeError: a bug\n\s+at /);
  });
});

describe('a service that runs', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('is stopped by %s: code 0', async (name) => {
    const run = new Run(`${SERVICE}
      return { stop: async () => { clearInterval(alive); console.log('stopped'); } };`);
    await run.said('running');
    run.signal(name);
    expect(await run.end()).toBe(0);
    expect(run.stdout).toContain('stopped');
    expect(run.stderr).toBe('');
  });

  test('is stopped once, and in full, however many signals come', async () => {
    const run = new Run(`${SERVICE}
      return { stop: async () => { console.log('stopping'); await told; console.log('stopped'); } };`);
    await run.said('running');
    run.signal('SIGTERM');
    await run.said('stopping');
    run.signal('SIGTERM');
    run.tell('go on');
    expect(await run.end()).toBe(0);
    expect(run.stdout.match(/stopping/g)).toHaveLength(1);
    expect(run.stdout).toContain('stopped');
  });

  test('and cannot be stopped ends with code 1', async () => {
    const run = new Run(`${SERVICE} return { stop: () => Promise.reject(new Error('stuck')) };`);
    await run.said('running');
    run.signal('SIGTERM');
    expect(await run.end()).toBe(1);
    expect(run.stderr).toMatch(/^Error: stuck\n/);
  });
});
