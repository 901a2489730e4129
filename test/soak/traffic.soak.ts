/**
 * Traffic for a long time: nothing that our processes hold may grow, and at its end the list is
 * what the server says. What is held is reported every ten seconds, and judged by the command.
 */
import { expect, test } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type NamedBackend, onEachBackend } from '../backends/all-backends.js';
import { reportLine } from '../support/report-line.js';
import { type Stack, startStack } from '../support/stack.js';
import { expectNothingLeft, expectTrueList } from './end-state.js';
import { ListReaders } from './list-readers.js';
import { SoakGroup } from './soak-group.js';
import { readResidentBytes, sampleRedis, sampleService } from './soak-sample.js';

const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 2);
const SEED = Number(process.env['SOAK_SEED'] ?? Math.floor(Math.random() * 1e6));
const OPERATIONS_PER_SECOND = Number(process.env['SOAK_RATE'] ?? 50);
const GROUPS = 8;
/** The change stream is to be full when comparing begins: until it is there is so much more to do. */
const FULL_STREAM_CHANGES = 19_900;
const FILLING_FACTOR = 3;
/** Comparing begins then at the latest. */
const FILLING_MINUTES = 5;
const SAMPLE_MS = 10_000;
const LAG_PACE_MS = 400;
/** The tracker's link is cut so often. */
const CUT_MS = 180_000;
const MINUTE_MS = 60_000;

const OWNERS = Array.from({ length: GROUPS }, (_, group) => `owner${group}`);
/** An admin of the service, and so an owner of every room. */
const JUDGE = OWNERS.length;
const ROOM_OF_MARKS = 'marks';

onEachBackend((backend) => {
  test(
    `${MINUTES} minutes of traffic`,
    async () => {
      const stack = await startStack(backend, {
        users: [...OWNERS, 'judge'],
        mucAdmins: ['judge'],
        hasNoTombstones: true,
        isMeasured: true,
        // As in production.
        trackerEnvironment: { DISCOVERY_INTERVAL_MS: '1000', AUDIT_INTERVAL_MS: '1000' },
      });
      try {
        await soak(backend, stack);
      } finally {
        await stack.stop();
      }
    },
    MINUTES * MINUTE_MS + 5 * MINUTE_MS,
  );
});

async function soak(backend: NamedBackend, stack: Stack): Promise<void> {
  const judge = await stack.connect(JUDGE, undefined, MINUTE_MS);
  const groups = OWNERS.map((_, group) => new SoakGroup({ stack, group, seed: SEED, judge }));
  const readers = new ListReaders(stack);
  const running = Promise.all([readers, ...groups].map((each) => each.run()));
  await Promise.race([running, watch(backend, stack, groups, readers)]);
  for (const each of [readers, ...groups]) each.stop();
  await running;
  const roomIds = groups.flatMap((group) => group.roomIds);
  await expectTrueList(stack, judge, roomIds);
  await expectNothingLeft(stack);
  expect(await stack.readCount('conference_tracker_audit_drift_total')).toBe(0);
}

/** Measures until the time is over. One thing at a time, so that no measure disturbs another. */
async function watch(
  backend: NamedBackend,
  stack: Stack,
  groups: readonly SoakGroup[],
  readers: ListReaders,
): Promise<void> {
  const redis = new Redis(stack.redis.url);
  const roomJid = stack.roomJid(ROOM_OF_MARKS);
  const marker = await stack.connect();
  await marker.join(roomJid, 'marker');
  const startMs = performance.now();
  const elapsedMs = (): number => performance.now() - startMs;
  let lagsMs: number[] = [];
  let cutMs: number | undefined;
  let samples = 0;
  let streamChanges = 0;
  let cuts = 0;
  try {
    while (elapsedMs() < MINUTES * MINUTE_MS) {
      const isFilling =
        streamChanges < FULL_STREAM_CHANGES && elapsedMs() < FILLING_MINUTES * MINUTE_MS;
      const rate = OPERATIONS_PER_SECOND * (isFilling ? FILLING_FACTOR : 1);
      for (const group of groups) group.paceMs = (1000 * groups.length) / rate;
      lagsMs.push(await readers.measureLag(marker, roomJid));
      if (elapsedMs() >= (samples + 1) * SAMPLE_MS) {
        samples += 1;
        const held = await sampleRedis(redis, stack);
        ({ streamChanges } = held);
        reportLine('CONFERENCE_SOAK_REPORT', {
          backend: backend.name,
          atMinutes: elapsedMs() / MINUTE_MS,
          operations: groups.reduce((sum, { operations }) => sum + operations, 0),
          roomsMade: groups.reduce((sum, { roomIds }) => sum + roomIds.length, 0),
          answers: readers.answers,
          tracker: await sampleService(stack.tracker),
          facade: await sampleService(stack.facade),
          redis: held,
          serverRssBytes: readResidentBytes(stack.server.pid),
          drift: await stack.readCount('conference_tracker_audit_drift_total'),
          lagsMs,
          ...(cutMs === undefined ? {} : { cutMs }),
        });
        lagsMs = [];
        cutMs = undefined;
      }
      if (elapsedMs() >= (cuts + 1) * CUT_MS) {
        cuts += 1;
        stack.link.cut();
        cutMs = await readers.measureLag(marker, roomJid);
      }
      await wait(LAG_PACE_MS);
    }
  } finally {
    redis.disconnect();
  }
  await marker.leave(roomJid);
}
