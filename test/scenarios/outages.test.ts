/** What happens to the list when a part of the whole stops, dies, hangs, or is cut off. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { RoomRow } from '@conference/muc';
import { DOUBT_MS } from '../../services/tracker/src/doubtful-departures.js';
import { askRedis } from '../servers/redis-admin.js';
import { onEachBackend } from '../backends/all-backends.js';
import type { ChatClient } from '../support/chat-client.js';
import { eventually } from '../support/eventually.js';
import { comparable, readRoomTruth } from '../support/room-truth.js';
import type { ListAnswer, Stack } from '../support/stack.js';
import { startStackWithPeople } from '../support/stack-with-people.js';

const EMPTY = 'empty';
const BUSY = 'busy';
const BRIEF = 'brief';

onEachBackend((backend) => {
  let stack: Stack;
  let alice: ChatClient;
  let bob: ChatClient;
  /** The three rows before anything happens. */
  let before: ReadonlyMap<string, RoomRow>;

  beforeEach(async () => {
    ({ stack, alice, bob } = await startStackWithPeople(backend));
    for (const roomId of [EMPTY, BUSY]) {
      await alice.join(stack.roomJid(roomId), 'alice');
      await alice.configure(stack.roomJid(roomId), {
        'muc#roomconfig_persistentroom': '1',
        'muc#roomconfig_roomname': `The ${roomId} one`,
      });
      await alice.setSubject(stack.roomJid(roomId), `about ${roomId}`);
      await alice.setAffiliation(stack.roomJid(roomId), 'absent@example.org', 'member');
    }
    await alice.leave(stack.roomJid(EMPTY));
    await bob.join(stack.roomJid(BUSY), 'bob');
    await bob.join(stack.roomJid(BRIEF), 'bob');
    await stack.waitForRow(EMPTY, (row) => row.emptyDate !== undefined && row.members === 1);
    await stack.waitForRow(BUSY, (row) => row.occupants === 2 && row.members === 1);
    await stack.waitForRow(BRIEF);
    before = rowsById(await stack.list());
  }, 60_000);

  afterEach(() => stack.stop(), 30_000);

  describe('the MUC server', () => {
    // Who left a moment before it stops may be taken for one whom the stop put out.
    beforeEach(async () => {
      const emptiedAt = Date.parse(before.get(EMPTY)?.emptyDate ?? '');
      await eventually(() => Date.now() - emptiedAt > DOUBT_MS, Boolean, { what: 'no doubt' });
    });

    test('stops in order and comes back: no zero is ever shown, dates stay', async () => {
      const watching = watchList();
      await stack.server.restart();
      await stack.waitUntilStale();
      await stack.waitUntilLive();
      const seen = await watching.stop();
      // While it is stale the list is as it was before the stop, to the last byte.
      const stale = seen.filter(({ staleSince }) => staleSince !== undefined);
      expect(stale.length).toBeGreaterThan(0);
      for (const answer of stale) expect(rowsById(answer)).toEqual(before);
      await expectEmptiedByOutage();
    }, 60_000);

    test('is killed and comes back', async () => {
      const watching = watchList();
      await stack.server.kill();
      await stack.waitUntilStale();
      await stack.server.start();
      await stack.waitUntilLive();
      const seen = await watching.stop();
      for (const answer of seen.filter(({ staleSince }) => staleSince !== undefined)) {
        expect(rowsById(answer)).toEqual(before);
      }
      // What a killed server had not saved is not there any more; what is there is told right.
      alice = await stack.connect(0);
      await expectTruth([EMPTY, BUSY, BRIEF]);
    }, 60_000);

    test('hangs and goes on: the list is stale meanwhile and right afterwards', async () => {
      stack.server.suspend();
      const stale = await stack.waitUntilStale();
      expect(rowsById(stale)).toEqual(before);
      stack.server.resume();
      await stack.waitUntilLive();
      await expectTruth([EMPTY, BUSY, BRIEF]);
      expectSameDates(await stack.list());
    }, 90_000);
  });

  describe('the tracker', () => {
    test('is killed amid traffic and started again', async () => {
      await stack.tracker.kill();
      const stale = await stack.waitUntilStale();
      expect(rowsById(stale)).toEqual(before);
      await bob.leave(stack.roomJid(BUSY));
      await bob.leave(stack.roomJid(BRIEF));
      await alice.join(stack.roomJid(EMPTY), 'alice');
      await bob.join(stack.roomJid('meanwhile'), 'bob');
      await alice.setAffiliation(stack.roomJid(EMPTY), 'absent@example.org', 'outcast');
      stack.tracker.start();
      await bob.say(stack.roomJid('meanwhile'), 'traffic');
      await stack.waitUntilLive();
      await stack.waitUntilGone(BRIEF);
      await expectTruth([EMPTY, BUSY, 'meanwhile']);
      const after = rowsById(await stack.list());
      for (const roomId of [EMPTY, BUSY]) {
        expect(after.get(roomId)?.creationDate).toBe(before.get(roomId)?.creationDate);
        expect(after.get(roomId)?.modificationDate).toBe(before.get(roomId)?.modificationDate);
      }
      expect(after.get(EMPTY)?.emptyDate).toBeUndefined();
    }, 60_000);

    test('stops on SIGTERM with exit code 0 and has left the rooms', async () => {
      expect(await stack.tracker.stop()).toBe(0);
      const { fields } = await alice.discoInfo(stack.roomJid(BUSY));
      expect(fields.get('muc#roominfo_occupants')).toEqual(['2']);
      expect(rowsById(await stack.waitUntilStale())).toEqual(before);
    }, 60_000);
  });

  describe('Redis', () => {
    test('is flushed: everything is written again, and no empty list is served', async () => {
      const watching = watchList();
      const redis = new Redis(stack.redis.url);
      await redis.flushall();
      await eventually(
        () => redis.dbsize(),
        (size) => size > 0,
        { what: 'rows in Redis again' },
      );
      redis.disconnect();
      await stack.waitUntilLive();
      await bob.leave(stack.roomJid(BRIEF));
      await stack.waitUntilGone(BRIEF);
      const seen = await watching.stop();
      for (const answer of seen) {
        expect(answer.status).toBe(200);
        expect(rowsById(answer).get(BUSY)).toEqual(before.get(BUSY));
        expect(rowsById(answer).get(EMPTY)).toEqual(before.get(EMPTY));
      }
    }, 60_000);

    test('holds what is no row: a new facade serves no part of the list, a new tracker writes it anew', async () => {
      await stack.tracker.kill();
      const [key] = (await askRedis(stack.redis.url, 'KEYS', '*:rooms')) as string[];
      await askRedis(stack.redis.url, 'HSET', key ?? '', BUSY, 'null', BRIEF, '{"roomId":"brief"}');
      await stack.facade.kill();
      stack.facade.start();
      await eventually(
        async () => (await fetch(`${stack.url}/readyz`)).text(),
        (text) => text.includes('rows that are none'),
        { what: 'the facade to say why' },
      );
      expect((await stack.list()).status).toBe(503);
      stack.tracker.start();
      await stack.waitUntilLive();
      await expectTruth([EMPTY, BUSY, BRIEF]);
    }, 60_000);

    test('is killed and restarted: the list is stale meanwhile, what happened is made up for', async () => {
      const watching = watchList();
      await stack.redis.kill();
      await stack.waitUntilStale();
      await bob.leave(stack.roomJid(BUSY));
      await stack.redis.restart();
      await stack.waitForRow(BUSY, (row) => row.occupants === 1);
      await stack.waitUntilLive();
      const seen = await watching.stop();
      for (const answer of seen) expect(answer.rooms.length).toBe(3);
      expectSameDates(await stack.list());
      await expectTruth([EMPTY, BUSY, BRIEF]);
    }, 60_000);

    test('everything is killed and started again: dates and rooms are as before', async () => {
      await Promise.all([stack.tracker.kill(), stack.facade.kill(), stack.redis.kill()]);
      await stack.redis.restart();
      stack.facade.start();
      const answer = await eventually(
        () => stack.list(),
        ({ status }) => status === 200,
      );
      expect(rowsById(answer)).toEqual(before);
      stack.tracker.start();
      await stack.waitUntilLive();
      expect(rowsById(await stack.list())).toEqual(before);
    }, 60_000);
  });

  test('the link is cut while rooms change: no ghost is counted, no end is missed', async () => {
    stack.link.refuse();
    await stack.waitUntilStale();
    await bob.leave(stack.roomJid(BRIEF));
    await bob.leave(stack.roomJid(BUSY));
    await alice.destroy(stack.roomJid(EMPTY));
    await bob.join(stack.roomJid('meanwhile'), 'bob');
    stack.link.accept();
    await stack.waitUntilLive();
    await stack.waitUntilGone(BRIEF);
    await stack.waitUntilGone(EMPTY);
    await expectTruth([BUSY, 'meanwhile']);
  }, 60_000);

  test('the list has the same ETag for the same list after the facade was killed', async () => {
    const etag = await readEtag();
    await stack.facade.kill();
    stack.facade.start();
    await eventually(
      () => stack.list(),
      ({ status }) => status === 200,
    );
    expect(await readEtag()).toBe(etag);
  }, 60_000);

  async function readEtag(): Promise<string | null> {
    const { siteId, apiKey } = stack.site;
    const authorization = `Basic ${Buffer.from(`${siteId}:${apiKey}`).toString('base64')}`;
    return (await fetch(stack.listUrl, { headers: { authorization } })).headers.get('etag');
  }

  function rowsById({ rooms }: ListAnswer): ReadonlyMap<string, RoomRow> {
    return new Map(rooms.map((row) => [row.roomId, row]));
  }

  /** Asks for the list again and again until it is stopped; every answer counts. */
  function watchList(): { stop: () => Promise<ListAnswer[]> } {
    const answers: ListAnswer[] = [];
    let isOver = false;
    const watching = (async () => {
      while (!isOver) answers.push(await stack.list());
    })();
    return {
      stop: async () => {
        isOver = true;
        await watching;
        return answers;
      },
    };
  }

  /** The server's own word for these rooms, and nothing else in the list. */
  async function expectTruth(roomIds: readonly string[]): Promise<void> {
    await eventually(
      async () => {
        const truths = [];
        for (const roomId of roomIds) {
          const askers = [alice, bob];
          truths.push(await readRoomTruth(askers, stack.roomJid(roomId), stack.server));
        }
        const expected = truths.filter((truth) => truth !== undefined);
        const { rooms } = await stack.list();
        expect(new Map(rooms.map((row) => [row.roomId, comparable(row)]))).toEqual(
          new Map(expected.map((truth) => [truth.roomId, truth])),
        );
      },
      () => true,
      { what: 'the list to be the truth' },
    );
  }

  function expectSameDates(answer: ListAnswer): void {
    for (const [roomId, row] of rowsById(answer)) {
      expect(row.creationDate).toBe(before.get(roomId)?.creationDate);
      expect(row.modificationDate).toBe(before.get(roomId)?.modificationDate);
      expect(row.emptyDate).toBe(before.get(roomId)?.emptyDate);
    }
  }

  /** The clients are gone with the server: persistent rooms are empty, temporary ones have ended. */
  async function expectEmptiedByOutage(): Promise<void> {
    const after = rowsById(await stack.list());
    expect([...after.keys()].sort()).toEqual([BUSY, EMPTY]);
    expect(after.get(EMPTY)).toEqual(before.get(EMPTY));
    const { emptyDate, ...busy } = after.get(BUSY) ?? {};
    expect(emptyDate).toBeDefined();
    expect(busy).toEqual({ ...before.get(BUSY), occupants: 0, moderators: 0, participants: 0 });
    alice = await stack.connect(0);
    await expectTruth([EMPTY, BUSY]);
  }
});
