import { describe, expect, test } from '@jest/globals';
import { put } from './contract/samples.contract.js';
import { take } from './contract/reading.contract.js';
import { createMemoryRoomStore } from './memory-room-store.js';
import { WAITING_TTL_MS } from './room-store.js';
import { describeRoomStore } from './room-store.contract.js';

describeRoomStore('memory store', {
  propertyRuns: 200,
  open: (options) => {
    const store = createMemoryRoomStore('conference.localhost', options);
    const otherService = createMemoryRoomStore('other.localhost', options);
    return Promise.resolve({
      store,
      reader: store,
      otherService,
      close: async () => {
        await store.close();
        await otherService.close();
      },
    });
  },
});

describe('memory store, besides the contract', () => {
  test('measures age and staleness by the clock that it was given', async () => {
    let nowMs = Date.UTC(2026, 0, 1);
    const store = createMemoryRoomStore('conference.localhost', { clock: () => nowMs });
    const writer = await store.openWriter();
    await writer.commit({ changes: [], picture: { state: 'live' } });
    await writer.report({ dependencies: [], metrics: '' });
    nowMs += 3_500;
    expect((await store.readWriterReport())?.ageMs).toBe(3_500);
    await store.openWriter();
    expect((await store.readSnapshot()).picture).toEqual({
      state: 'stale',
      since: '2026-01-01T00:00:00.000Z',
    });
  });

  test('forgets after some seconds what a waiting tracker said of itself', async () => {
    let nowMs = Date.UTC(2026, 0, 1);
    const store = createMemoryRoomStore('conference.localhost', { clock: () => nowMs });
    await store.reportWaiting({ dependencies: [], metrics: 'x 1' });
    nowMs += WAITING_TTL_MS - 1;
    expect(await store.readWaitingReport()).toEqual({ dependencies: [], metrics: 'x 1' });
    nowMs += 1;
    expect(await store.readWaitingReport()).toBeUndefined();
  });

  test('hands out rows that nobody can change for others', async () => {
    const store = createMemoryRoomStore('conference.localhost');
    const writer = await store.openWriter();
    const { cursor } = await store.readSnapshot();
    await writer.commit({ changes: [put('a')] });
    const [batch] = await take(store, cursor, 1);
    const { rows } = await store.readSnapshot();
    expect([batch?.rowsPut[0], rows[0]].every(Object.isFrozen)).toBe(true);
  });
});
