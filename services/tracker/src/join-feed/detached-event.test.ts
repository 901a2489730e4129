import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import type { RoomEvent } from '@conference/muc';
import { detachEvent, detachText } from './detached-event.js';

describe('texts cut loose from the stream', () => {
  test.each([
    '',
    'short',
    'a nick of some length',
    'Ünïcödé and 日本語 and 🎉',
    `odd \ud800 surrogate`,
  ])('%j stays the same text', (text) => {
    expect(detachText(text)).toBe(text);
  });

  const jid = 'somebody@example.org';
  const events: RoomEvent[] = [
    {
      kind: 'occupant-present',
      occupant: { nick: 'a long enough nick', role: 'visitor', affiliation: 'none', bareJid: jid },
    },
    { kind: 'occupant-present', occupant: { nick: 'n', role: 'visitor', affiliation: 'none' } },
    { kind: 'occupant-left', nick: 'a long enough nick' },
    { kind: 'nick-changed', nick: 'a long enough nick', newNick: 'another long nick' },
    { kind: 'affiliation-set', bareJid: jid, affiliation: 'member' },
    { kind: 'affiliation-listed', affiliation: 'admin', bareJids: [jid, 'other@example.org'] },
    { kind: 'subject-set', subject: 'what is spoken of here' },
    {
      kind: 'configuration-read',
      configuration: {
        name: 'The name of the room',
        description: 'The description of the room',
        maxUsers: 3,
        isPersistent: true,
      },
    },
    { kind: 'configuration-changed' },
    { kind: 'occupants-confirmed', nicks: new Set(['a long enough nick']) },
  ];
  test.each(events.map((event) => [event.kind, event] as const))('%s says the same', (_, event) => {
    expect(detachEvent(event)).toEqual(event);
  });

  test('keep no part of the text around them in memory', () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    const kept = Array.from({ length: 200 }, (_, number) => {
      const stream = `${'x'.repeat(100_000)}nick number ${number} of many`;
      return detachEvent({ kind: 'nick-changed', nick: 'n', newNick: stream.slice(100_000) });
    });
    collectGarbage();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(5_000_000);
    expect(kept).toHaveLength(200);
  });
});
