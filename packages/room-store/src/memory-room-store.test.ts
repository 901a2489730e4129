import { expect, test } from '@jest/globals';
import { createMemoryRoomStore } from './memory-room-store.js';

test('a store that nobody has written to is loading, and its first writer is noticed', async () => {
  const store = createMemoryRoomStore('conference.localhost');
  const snapshot = await store.readSnapshot();
  expect(snapshot).toMatchObject({ picture: { state: 'loading' }, rows: [] });
  await store.openWriter();
  const changes = store.follow(snapshot.cursor, AbortSignal.timeout(5_000));
  await expect(changes[Symbol.asyncIterator]().next()).rejects.toMatchObject({
    code: 'cursor-lost',
  });
});
