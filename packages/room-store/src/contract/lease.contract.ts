/** Contract: who alone may follow a service, for how long, and who else could. */
import { expect, test } from '@jest/globals';
import { eventually } from '../../../../test/support/eventually.js';
import type { LeaseClaim } from '../room-store.js';
import { put } from './samples.contract.js';
import type { StoreUnderTest } from './subject.contract.js';

const LONG_MS = 60_000;
const SHORT_MS = 50;

function claim(tracker: string, more: Partial<LeaseClaim> = {}): LeaseClaim {
  return { tracker, instance: '1', leaseMs: LONG_MS, ...more };
}

export function describeLease(subject: () => StoreUnderTest): void {
  test('gives the lease to one tracker at a time', async () => {
    const { store, reader } = subject();
    const writer = await store.openWriter(claim('one.example'));
    await expect(reader.openWriter(claim('two.example'))).rejects.toMatchObject({
      code: 'lease-held',
      isRetryable: true,
    });
    await writer.commit({ changes: [put('a')] });
  });

  test('does not give it to another process of the same tracker either', async () => {
    const { store, reader } = subject();
    await store.openWriter(claim('one.example'));
    const second = reader.openWriter(claim('one.example', { instance: '2' }));
    await expect(second).rejects.toMatchObject({ code: 'lease-held' });
  });

  test('gives it to a successor under the same domain, and fences the predecessor', async () => {
    const { store, reader } = subject();
    const first = await store.openWriter(claim('one.example'));
    const successor = claim('one.example', { instance: '2', isSuccessor: true });
    const second = await reader.openWriter(successor);
    await second.commit({ changes: [put('a')] });
    await expect(first.commit({ changes: [put('b')] })).rejects.toMatchObject({
      code: 'writer-fenced',
    });
    await expect(first.renewLease()).rejects.toMatchObject({ code: 'writer-fenced' });
    const alike = claim('one.exam', { isSuccessor: true });
    await expect(store.openWriter(alike)).rejects.toMatchObject({ code: 'lease-held' });
  });

  test('gives it again to its holder', async () => {
    const { store } = subject();
    const first = await store.openWriter(claim('one.example'));
    const second = await store.openWriter(claim('one.example'));
    expect(second.epoch).toBeGreaterThan(first.epoch);
  });

  test('gives it to another when it has ended, and fences the one before', async () => {
    const { store, reader } = subject();
    const first = await store.openWriter(claim('one.example', { leaseMs: SHORT_MS }));
    const second = await eventually(() => reader.openWriter(claim('two.example')));
    await expect(first.renewLease()).rejects.toMatchObject({ code: 'writer-fenced' });
    await expect(first.commit({ changes: [] })).rejects.toMatchObject({ code: 'writer-fenced' });
    await first.releaseLease();
    await expect(store.openWriter(claim('one.example'))).rejects.toMatchObject({
      code: 'lease-held',
    });
    await second.commit({ changes: [put('a')] });
  });

  test('lets a holder that nobody replaced renew a lease that has ended', async () => {
    const { store, reader } = subject();
    const writer = await store.openWriter(claim('one.example', { leaseMs: SHORT_MS }));
    const view = () => reader.announceTracker({ tracker: 'two.example', followed: 0 });
    await eventually(view, ({ holder }) => holder === undefined);
    await writer.renewLease();
    expect((await view()).holder).toMatchObject({ tracker: 'one.example', instance: '1' });
  });

  test('gives it at once to another when it is released', async () => {
    const { store, reader } = subject();
    const writer = await store.openWriter(claim('one.example'));
    await writer.releaseLease();
    await writer.releaseLease();
    const second = await reader.openWriter(claim('two.example'));
    expect(second.epoch).toBeGreaterThan(writer.epoch);
  });

  test('leaves a store that has lost a higher epoch to the writer of that', async () => {
    const { store } = subject();
    const early = claim('two.example', { seenEpoch: Number.MAX_SAFE_INTEGER });
    await expect(store.openWriter(early)).rejects.toMatchObject({ code: 'lease-held' });
    await store.openWriter(claim('two.example'));
  });

  test('keeps the leases of two services apart', async () => {
    const { store, otherService } = subject();
    await store.openWriter(claim('one.example'));
    await otherService.openWriter(claim('two.example'));
  });

  test('without a claim takes the place from whoever holds it', async () => {
    const { store, reader } = subject();
    const first = await store.openWriter(claim('one.example'));
    const second = await reader.openWriter();
    await expect(first.renewLease()).rejects.toMatchObject({ code: 'writer-fenced' });
    await second.renewLease();
    await second.releaseLease();
    await store.openWriter(claim('two.example'));
  });

  test('tells who holds the lease, and who else could', async () => {
    const { store, reader } = subject();
    const before = await store.announceTracker({ tracker: 'one.example', followed: 0 });
    expect(before).toEqual({
      epoch: 0,
      holder: undefined,
      trackers: [{ tracker: 'one.example', followed: 0, ageMs: expect.any(Number) }],
    });
    const { epoch } = await store.openWriter(claim('one.example'));
    await store.announceTracker({ tracker: 'one.example', followed: 3 });
    const view = await reader.announceTracker({ tracker: 'zwei.example', followed: 12 });
    expect(view.epoch).toBe(epoch);
    expect(view.holder).toEqual({
      tracker: 'one.example',
      instance: '1',
      remainingMs: expect.any(Number),
    });
    expect(new Map(view.trackers.map(({ tracker, followed }) => [tracker, followed]))).toEqual(
      new Map([
        ['one.example', 3],
        ['zwei.example', 12],
      ]),
    );
    expect(await reader.readLease()).toMatchObject({ epoch, holder: { tracker: 'one.example' } });
    const remainingMs = view.holder?.remainingMs ?? 0;
    expect(remainingMs).toBeGreaterThan(LONG_MS / 2);
    expect(remainingMs).toBeLessThanOrEqual(LONG_MS);
    for (const { ageMs } of view.trackers) expect(ageMs).toBeLessThan(30_000);
  });

  test('lets one look that does not say that it is there', async () => {
    const { store, reader } = subject();
    const nobody = { epoch: 0, holder: undefined, trackers: [] };
    expect(await reader.readLease()).toEqual(nobody);
    expect(await reader.readLease()).toEqual(nobody);
    const { trackers } = await store.announceTracker({ tracker: 'one.example', followed: 2 });
    expect(trackers).toHaveLength(1);
    expect(await reader.readLease()).toEqual({
      ...nobody,
      trackers: [{ tracker: 'one.example', followed: 2, ageMs: expect.any(Number) }],
    });
  });
}
