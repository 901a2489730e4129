/**
 * The backends that are there, by their folders; CONFERENCE_BACKENDS chooses among them. Without it
 * all are chosen but those in containers, which need images.
 */
import { describe } from '@jest/globals';
import { readdirSync } from 'node:fs';
import type { Backend } from './backend.js';

/** A backend with the name of its folder. */
export interface NamedBackend extends Backend {
  readonly name: string;
}

const names = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

const chosen = (process.env['CONFERENCE_BACKENDS'] ?? '').split(',').filter(Boolean);
const unknown = chosen.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  throw new Error(`CONFERENCE_BACKENDS: no ${unknown.join(', ')}; there are ${names.join(', ')}`);
}

const usual = names.filter((name) => !name.startsWith('container-'));

/** All of them, or those that were chosen. */
export const BACKENDS: readonly NamedBackend[] = await loadBackends(
  chosen.length === 0 ? usual : names.filter((name) => chosen.includes(name)),
);

/** Whether every backend that needs no container is among them. */
export const ARE_ALL_BACKENDS_CHOSEN = usual.every((name) =>
  BACKENDS.some((backend) => backend.name === name),
);

/** Declares the same tests for each backend. */
export function onEachBackend(declareTests: (backend: NamedBackend) => void): void {
  describe.each(BACKENDS)('$name:', declareTests);
}

/** One after another: Jest fails at modules that two imports under way have in common. */
async function loadBackends(wanted: readonly string[]): Promise<NamedBackend[]> {
  const backends: NamedBackend[] = [];
  for (const name of wanted) {
    const { backend } = (await import(`./${name}/backend.js`)) as { backend: Backend };
    backends.push({ name, ...backend });
  }
  return backends;
}
