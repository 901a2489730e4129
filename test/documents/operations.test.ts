/** docs/operations.md against what a running tracker and facade really show. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { facadeSettings, type RunningFacade, startFacade } from '@conference/facade';
import { createMemoryRoomStore } from '@conference/room-store';
import {
  createMetricsRegistry,
  createSilentLogger,
  readSettings,
  type Registry,
} from '@conference/service-runtime';
import { type RunningTracker, startTracker, trackerSettings } from '@conference/tracker';
import { freePorts } from '../servers/free-port.js';

const document = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');

const MUC = 'conference.localhost';

interface Metric {
  readonly name: string;
  readonly type: string;
  readonly labels: string;
}

const documentedMetrics = [...document.matchAll(/^\| `(conference_\w+)` +\|(.*)\|$/gm)].map(
  ([, name = '', cells = '']): Metric => {
    const [type = '', labels = ''] = cells.split('|').map((cell) => cell.trim());
    return { name, type, labels: labels.replaceAll('`', '') };
  },
);

/** What Redis and XMPP servers say themselves, and a name of /readyz. */
const OTHERS_WORDS = /^tracker MUC$|\bERR .*|[A-Z]{5,} ?|\bremote-server-not-found\b/g;

/** The sentences of what is seen and why, in pieces that a program says in one. */
const quotedPieces = [
  ...document
    .slice(document.indexOf('## Troubleshooting'))
    .matchAll(/^\|((?:[^|\\]|\\.)*\|(?:[^|\\]|\\.)*)\|/gm),
]
  .flatMap(([, cells = '']) => [...cells.matchAll(/`([^`]+)`/g)])
  .flatMap(([, quoted = '']) => quoted.replaceAll(OTHERS_WORDS, '…').split(/[…;]/))
  .map((piece) => piece.replace(/^[\s:,]+|[\s:,]+$/g, ''))
  .filter((piece) => piece.includes(' '));

/** All that our programs may say, sentences in one piece, what is put into them as `…`. */
function readSayings(): string {
  return ['packages', 'services']
    .flatMap((part) =>
      readdirSync(new URL(`../../${part}/`, import.meta.url), { recursive: true, encoding: 'utf8' })
        .filter((path) => /^[^/]+\/src\/.*(?<!\.(test|fixture|contract))\.ts$/.test(path))
        .map((path) => readFileSync(new URL(`../../${part}/${path}`, import.meta.url), 'utf8')),
    )
    .join('\n')
    .replaceAll(/['`]\s*\+\s*['`]/g, '')
    .replaceAll(/\$\{[^}]*\}/g, '…');
}

let tracker: RunningTracker;
let facade: RunningFacade;
let registries: readonly Registry[];

beforeAll(async () => {
  const logger = createSilentLogger();
  const stores = [createMemoryRoomStore(MUC)];
  const [closedPort = 0] = await freePorts(1);
  const [ofTracker, ofFacade] = [createMetricsRegistry(), createMetricsRegistry()];
  registries = [ofFacade, ofTracker];
  const environment = {
    XMPP_COMPONENT_PORT: String(closedPort),
    XMPP_COMPONENT_SECRET: 'secret',
    FACADE_PORT: '0',
    SITES_FILE: '/nonexistent/sites.json',
  };
  tracker = await startTracker({
    settings: readSettings(trackerSettings, environment),
    stores,
    logger,
    registry: ofTracker,
  });
  facade = await startFacade({
    settings: readSettings(facadeSettings, environment),
    stores,
    logger,
    registry: ofFacade,
  });
});

afterAll(async () => {
  await Promise.all([tracker.stop(), facade.stop()]);
});

describe('docs/operations.md', () => {
  test('lists every metric with its type, and none that does not exist', async () => {
    const metrics = (
      await Promise.all(registries.map((registry) => registry.getMetricsAsJSON()))
    ).flat();
    const existing = metrics.map(({ name, type }) => `${name} ${String(type)}`);
    expect(existing.length).toBeGreaterThan(10);
    expect(documentedMetrics.map(({ name, type }) => `${name} ${type}`).sort()).toEqual(
      existing.sort(),
    );
  });

  test('lists no label that a series of that metric lacks', async () => {
    const metrics = (
      await Promise.all(registries.map((registry) => registry.getMetricsAsJSON()))
    ).flat();
    const labelsSeen = new Map(
      metrics.map(({ name, values }) => [
        name,
        Object.keys(values[0]?.labels ?? {}).filter((label) => label !== 'le'),
      ]),
    );
    const wrong = documentedMetrics.filter(({ name, labels }) => {
      const seen = labelsSeen.get(name) ?? [];
      return seen.length > 0 && seen.join(', ') !== labels;
    });
    expect(wrong).toEqual([]);
  });

  test('lists every name that /readyz looks at', async () => {
    const response = await fetch(`${facade.url}/readyz`);
    const { error } = (await response.json()) as { error: { field: string }[] };
    const ofFacade = error.map(({ field }) => field);
    const ofTracker = tracker.readiness().map(({ name }) => `tracker: ${name}`);
    expect(ofFacade).toContain('sites file');
    const undocumented = [...ofFacade, ...ofTracker]
      .map((name) => name.replace(MUC, 'MUC'))
      .filter((name) => !document.includes(`| \`${name}\` `));
    expect(undocumented).toEqual([]);
  });

  test('quotes in troubleshooting nothing that no program says', () => {
    const sayings = readSayings();
    expect(quotedPieces.length).toBeGreaterThan(20);
    expect(quotedPieces.filter((piece) => !sayings.includes(piece))).toEqual([]);
  });
});
