/** Contract: commits, fencing, incarnations, pictures, reports. */
import { expect, test } from '@jest/globals';
import { ROOM_ROW_KEYS } from '@conference/muc';
import type { StoreUnderTest } from './subject.contract.js';
import { take } from './reading.contract.js';
import { put, remove, sampleCapabilities, sampleOccupant, sampleRow } from './samples.contract.js';

export function describeWriting(subject: () => StoreUnderTest): void {
  test('shows nothing but a loading picture before anybody has written', async () => {
    const { reader } = subject();
    expect(await reader.readSnapshot()).toMatchObject({ picture: { state: 'loading' }, rows: [] });
    expect(await reader.readRoom('a')).toBeUndefined();
    expect(await reader.readWriterReport()).toBeUndefined();
  });

  test('shows a committed row as it was put, its keys in the documented order', async () => {
    const { store, reader } = subject();
    const writer = await store.openWriter();
    const empty = sampleRow('empty', 0, { subject: 'Zeile\n"zwei" \\ 🙂', maxUsers: 30 });
    const reversed = Object.fromEntries(Object.entries(empty).reverse()) as typeof empty;
    const revision = await writer.commit({
      changes: [{ kind: 'put', row: reversed }, put('full', 3)],
      picture: { state: 'live' },
    });
    const snapshot = await reader.readSnapshot();
    expect(snapshot.cursor.revision).toBe(revision);
    expect(snapshot.picture).toEqual({ state: 'live' });
    const rows = new Map(snapshot.rows.map((row) => [row.roomId, row]));
    expect(rows.get('empty')).toEqual(empty);
    expect(Object.keys(rows.get('empty') ?? {})).toEqual([...ROOM_ROW_KEYS]);
    expect(rows.get('full')).toEqual(sampleRow('full', 3));
    expect(rows.get('full')).not.toHaveProperty('emptyDate');
  });

  test('makes an empty commit nothing at all', async () => {
    const { store, reader } = subject();
    const writer = await store.openWriter();
    const revision = await writer.commit({ changes: [put('a')] });
    expect(await writer.commit({ changes: [], observedAtMs: 1 })).toBe(revision);
    expect((await reader.readSnapshot()).cursor.revision).toBe(revision);
  });

  test('lets revisions grow with every commit, writer and incarnation', async () => {
    const { store } = subject();
    const first = await store.openWriter();
    const revisions = [await first.commit({ changes: [put('a')] })];
    revisions.push(await first.commit({ changes: [remove('absent')] }));
    revisions.push(await first.reset());
    const second = await store.openWriter();
    revisions.push(await second.commit({ changes: [put('a')] }));
    revisions.push(await second.reset());
    expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));
  });

  test('refuses everything of an earlier writer once another opened', async () => {
    const { store, reader } = subject();
    const first = await store.openWriter();
    await first.commit({ changes: [put('a', 1)] });
    const second = await reader.openWriter();
    expect(second.epoch).toBeGreaterThan(first.epoch);
    const fenced = { code: 'writer-fenced' };
    await expect(first.commit({ changes: [put('a', 2)] })).rejects.toMatchObject(fenced);
    await expect(first.commit({ changes: [] })).rejects.toMatchObject(fenced);
    await expect(first.report({ dependencies: [], metrics: '' })).rejects.toMatchObject(fenced);
    await expect(first.reset()).rejects.toMatchObject(fenced);
    expect((await reader.readSnapshot()).rows).toEqual([sampleRow('a', 1)]);
    await second.commit({ changes: [put('a', 3)] });
    expect((await reader.readSnapshot()).rows).toEqual([sampleRow('a', 3)]);
  });

  test('keeps rows for the next writer, and marks a live picture stale since the last sign of life', async () => {
    const { store, reader } = subject();
    const first = await store.openWriter();
    const before = Date.now();
    await first.commit({ changes: [put('a', 1)], picture: { state: 'live' } });
    await first.report({ dependencies: [], metrics: '' });
    const after = Date.now();
    const { cursor } = await reader.readSnapshot();
    await reader.openWriter();
    const snapshot = await reader.readSnapshot();
    expect(snapshot.cursor.incarnation).toBe(cursor.incarnation);
    expect(snapshot.rows).toEqual([sampleRow('a', 1)]);
    const since = snapshot.picture.state === 'stale' ? snapshot.picture.since : 'never';
    expect(since).toBe(new Date(since).toISOString());
    expect(Date.parse(since)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(since)).toBeLessThanOrEqual(after);
    await reader.openWriter();
    expect((await reader.readSnapshot()).picture).toEqual(snapshot.picture);
  });

  test('keeps each picture until another is committed', async () => {
    const { store, reader } = subject();
    const writer = await store.openWriter();
    const pictures = [
      { state: 'live' },
      { state: 'stale', since: '2026-05-06T07:08:09.010Z' },
      { state: 'live', since: '2026-05-06T07:08:09.011Z' },
      { state: 'live' },
    ] as const;
    for (const picture of pictures) {
      await writer.commit({ changes: [], picture });
      await writer.commit({ changes: [put('a')] });
      expect((await reader.readSnapshot()).picture).toEqual(picture);
    }
  });

  test('marks a picture stale at the next writer, also one that tells since when it was live', async () => {
    const { store, reader } = subject();
    const writer = await store.openWriter();
    const picture = { state: 'live', since: '2026-05-06T07:08:09.010Z' } as const;
    await writer.commit({ changes: [put('a')], picture });
    const { cursor } = await reader.readSnapshot();
    await reader.openWriter();
    expect((await reader.readSnapshot()).picture.state).toBe('stale');
    expect((await take(reader, cursor, 1))[0]?.picture?.state).toBe('stale');
  });

  test('empties itself at a reset under a new incarnation that is loading', async () => {
    const { store, reader } = subject();
    const writer = await store.openWriter();
    const details = { occupantsPut: [sampleOccupant('nick')] };
    await writer.commit({ changes: [put('a', 1, details)], picture: { state: 'live' } });
    const before = await reader.readSnapshot();
    const revision = await writer.reset();
    const snapshot = await reader.readSnapshot();
    expect(snapshot.cursor.incarnation).not.toBe(before.cursor.incarnation);
    expect(snapshot.cursor.revision).toBe(revision);
    expect(snapshot).toMatchObject({ picture: { state: 'loading' }, rows: [] });
    await writer.commit({ changes: [put('a', 1)], picture: { state: 'live' } });
    expect(await reader.readRoom('a')).toMatchObject({ occupants: [], affiliations: [] });
  });

  test('sums several changes of one room up in their order', async () => {
    const { store, reader } = subject();
    const writer = await store.openWriter();
    await writer.commit({
      changes: [put('gone', 1), put('stays', 1, { occupantsPut: [sampleOccupant('old')] })],
    });
    await writer.commit({
      changes: [
        put('gone', 2),
        remove('gone'),
        remove('stays'),
        put('stays', 2, { occupantsPut: [sampleOccupant('x'), sampleOccupant('y')] }),
        put('stays', 1, { occupantsRemoved: ['x'] }),
      ],
    });
    expect((await reader.readSnapshot()).rows).toEqual([sampleRow('stays', 1)]);
    expect((await reader.readRoom('stays'))?.occupants).toEqual([sampleOccupant('y')]);
    expect(await reader.readRoom('gone')).toBeUndefined();
  });

  test("tells the writer's last report and its growing age", async () => {
    const { store, reader } = subject();
    const writer = await store.openWriter();
    const status = {
      dependencies: [
        { name: 'xmpp', isReady: true },
        { name: 'redis', isReady: false, reason: 'away' },
      ],
      metrics: 'a_total 1\n',
    };
    const before = Date.now();
    await writer.report({ dependencies: [], metrics: 'old' });
    await writer.report(status);
    const report = await reader.readWriterReport();
    expect(report).toMatchObject({ ...status, epoch: writer.epoch });
    expect(report?.ageMs).toBeGreaterThanOrEqual(0);
    expect(report?.ageMs).toBeLessThanOrEqual(Date.now() - before + 1);
    let later = report;
    while ((later?.ageMs ?? 0) < (report?.ageMs ?? 0) + 5) {
      later = await reader.readWriterReport();
    }
    expect(later).toMatchObject(status);
  });

  test("tells what the writer's last report knew of the MUC service, and nothing where it knew nothing", async () => {
    const { store, reader } = subject();
    const writer = await store.openWriter();
    const status = { dependencies: [], metrics: '' };
    for (const capabilities of [sampleCapabilities('0.12.3'), sampleCapabilities(undefined)]) {
      await writer.report({ ...status, capabilities });
      expect((await reader.readWriterReport())?.capabilities).toEqual(capabilities);
    }
    await writer.report(status);
    expect(await reader.readWriterReport()).not.toHaveProperty('capabilities');
  });

  test('tells what a tracker said that may not write, and leaves the writer out of it', async () => {
    const { store, reader, otherService } = subject();
    const waiting = {
      dependencies: [{ name: 'xmpp', isReady: false, reason: 'the secret is wrong' }],
      metrics: 'a_total 1\n',
    };
    expect(await reader.readWaitingReport()).toBeUndefined();
    await store.reportWaiting(waiting);
    expect(await reader.readWaitingReport()).toEqual(waiting);
    expect(await otherService.readWaitingReport()).toBeUndefined();
    expect(await reader.readWriterReport()).toBeUndefined();

    const writer = await store.openWriter();
    await writer.commit({ changes: [put('a')], picture: { state: 'live' } });
    await writer.report({ dependencies: [], metrics: '' });
    const { cursor } = await reader.readSnapshot();
    const later = { ...waiting, metrics: '', capabilities: sampleCapabilities('0.12.3') };
    await reader.reportWaiting(later);
    expect(await store.readWaitingReport()).toEqual(later);
    expect(await reader.readWriterReport()).toMatchObject({ dependencies: [], metrics: '' });
    await writer.report({ dependencies: [], metrics: 'still mine' });
    expect((await reader.readSnapshot()).cursor).toEqual(cursor);
  });

  test('keeps two MUC services apart', async () => {
    const { store, otherService } = subject();
    const writer = await store.openWriter();
    await writer.commit({ changes: [put('a', 1)], picture: { state: 'live' } });
    const otherWriter = await otherService.openWriter();
    await otherWriter.commit({ changes: [put('a', 2), put('b')] });
    await otherWriter.reset();
    await writer.commit({ changes: [put('c')] });
    const { rows, picture } = await store.readSnapshot();
    expect(rows.map((row) => row.roomId).sort()).toEqual(['a', 'c']);
    expect(picture).toEqual({ state: 'live' });
    expect((await otherService.readSnapshot()).rows).toEqual([]);
  });
}
