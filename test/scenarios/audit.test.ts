/**
 * The audit, on every backend: what the server told and never arrived is found, put right and
 * counted, though nothing else tells of it.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Element } from 'ltx';
import { onEachBackend } from '../backends/all-backends.js';
import type { ChatClient } from '../support/chat-client.js';
import { eventually } from '../support/eventually.js';
import { comparable, readRoomTruth } from '../support/room-truth.js';
import type { Stack } from '../support/stack.js';
import { startStackWithPeople } from '../support/stack-with-people.js';

/** What does not arrive, as the audit's kinds of difference. */
const LOST = ['occupant', 'affiliation', 'configuration'];
const ABSENT = 'absent@localhost';

onEachBackend((backend) => {
  let stack: Stack;
  let alice: ChatClient;
  let bob: ChatClient;

  beforeAll(async () => {
    ({ stack, alice, bob } = await startStackWithPeople(backend));
  }, 60_000);

  afterAll(() => stack.stop(LOST.length), 30_000);

  const countDrift = (kind: string): Promise<number> =>
    stack.readCount('conference_tracker_audit_drift_total', `kind="${kind}"`);

  test('a departure, an affiliation and a configuration that did not arrive', async () => {
    const roomJid = stack.roomJid('audited');
    await alice.join(roomJid, 'alone');
    await alice.configure(roomJid, { 'muc#roomconfig_persistentroom': '1' });
    await stack.waitForRow('audited', (row) => row.occupants === 1);
    // A tracker that has joined asks by itself who is in, as long as a nick that was there before it
    // may be shared: it would find the departure before the audit does.
    await alice.changeNick(roomJid, 'alice');
    await bob.join(roomJid, 'bob');
    await stack.waitForRow('audited', (row) => row.occupants === 2);

    const swallowed = new Set<string>();
    stack.link.alterAnswers((stanza) => swallow(stanza, swallowed));
    await bob.leave(roomJid);
    await alice.setAffiliation(roomJid, ABSENT, 'member');
    await alice.configure(roomJid, { 'muc#roomconfig_roomname': 'Renamed' });
    await eventually(
      () => swallowed.size,
      (size) => size === LOST.length,
      { what: 'three things to be lost' },
    );
    stack.link.pass('answers');

    const row = await stack.waitForRow(
      'audited',
      ({ occupants, members, name }) => occupants === 1 && members === 1 && name === 'Renamed',
    );
    expect(comparable(row)).toEqual(await readRoomTruth([alice], roomJid, stack.server));
    await eventually(
      () => Promise.all(LOST.map(countDrift)),
      (counts) => counts.every((count) => count > 0),
      { what: 'the drift to be reported' },
    );
    expect(await stack.readCount('conference_tracker_audit_drift_total')).toBe(LOST.length);
  }, 30_000);
});

/** Takes out of what the server says, however it says it, the three things that are to be lost. */
function swallow(stanza: Element, swallowed: Set<string>): Element | undefined {
  const batch = stanza.getChild('batch');
  if (batch !== undefined) {
    for (const room of batch.getChildren('room')) swallowFromFeed(room, swallowed);
    return stanza;
  }
  const mucUser = stanza.getChild('x', 'http://jabber.org/protocol/muc#user');
  if (mucUser === undefined) return stanza;
  const codes = mucUser.getChildren('status').map(({ attrs }) => attrs['code']);
  const lost =
    stanza.attrs['type'] === 'unavailable' && stanza.attrs['from']?.endsWith('/bob') === true
      ? 'departure'
      : mucUser.getChild('item')?.attrs['jid'] === ABSENT
        ? 'affiliation'
        : stanza.name === 'message' && codes.includes('104')
          ? 'configuration'
          : undefined;
  if (lost === undefined) return stanza;
  swallowed.add(lost);
  return undefined;
}

/** A batch that does not arrive is missed at once, for its number is: it arrives with less in it. */
function swallowFromFeed(room: Element, swallowed: Set<string>): void {
  room.children = room.children.filter((child) => {
    if (typeof child === 'string') return true;
    const { n, r, j } = child.attrs;
    const lost =
      n === 'bob' && r === 'none'
        ? 'departure'
        : j === ABSENT
          ? 'affiliation'
          : child.name === 'name'
            ? 'configuration'
            : undefined;
    if (lost !== undefined) swallowed.add(lost);
    return lost === undefined;
  });
}
