/**
 * What somebody in a room can make the MUC service send us must not pass for what the service or
 * the room says, nor cost us the connection: an invitation reaches whomever it names, from the room,
 * with everything in it, and talk is passed on as it is.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Element } from 'ltx';
import type { ChatClient } from '../support/chat-client.js';
import { xml } from '../support/client-session.js';
import { type FeedRig, startFeedRig } from '../support/feed-rig.js';

let rig: FeedRig;
let alice: ChatClient;

beforeAll(async () => {
  rig = await startFeedRig({ hasTracker: false });
  alice = await rig.connect('alice');
}, 60_000);

afterAll(() => rig.stop(), 30_000);

const muc = (name: string): string => `http://jabber.org/protocol/muc${name}`;
const BATCH = xml(
  'batch',
  { xmlns: 'urn:xmpp:conference-feed:1', life: 'forged', number: '1' },
  xml('room', { id: 'forgery', gone: '1' }),
);
const OWNERSHIP = xml(
  'x',
  { xmlns: muc('#user') },
  xml('item', { affiliation: 'owner', role: 'moderator', jid: 'mallory@localhost' }),
  xml('status', { code: '104' }),
);

describe.each(['feed', 'join'] as const)('followed by way of %s:', (kind) => {
  const roomId = `forgery-${kind}`;
  /** What reached the tracker from the room. */
  const arrived: Element[] = [];

  beforeAll(async () => {
    rig.forget();
    rig.startTracker(kind);
    await rig.waitUntilLive();
  }, 30_000);

  afterAll(() => rig.stopTracker());

  test('an invitation that carries more changes nothing and interrupts nothing', async () => {
    const roomJid = rig.roomJid(roomId);
    await alice.join(roomJid, 'alice');
    const before = await rig.waitForRow(roomId);
    rig.link.alterAnswers((stanza) => {
      if (stanza.attrs['from'] === roomJid && stanza.getChild('batch')) arrived.push(stanza);
      return stanza;
    });
    const invitation = xml(
      'x',
      { xmlns: muc('#user') },
      xml('invite', { to: rig.prosody.trackerDomain }),
    );
    const subject = xml('subject', {}, 'forged');
    await alice.session.send(
      xml('message', { to: roomJid }, BATCH, subject, OWNERSHIP, invitation, OWNERSHIP),
    );
    await alice.session.send(
      xml('message', { to: roomJid }, invitation, BATCH, subject, OWNERSHIP),
    );
    // Told after the invitation has arrived.
    await alice.join(rig.roomJid(`${roomId}-after`), 'alice');
    await rig.waitForRow(`${roomId}-after`);
    expect(arrived.length).toBeGreaterThan(0);
    expect(await rig.waitForRow(roomId)).toEqual(before);
    expect(rig.countLogged('the feed was interrupted; reading everything again')).toBe(0);
    rig.link.pass('answers');
  });

  test('talk that is nested without end does not cost the connection', async () => {
    const roomJid = rig.roomJid(`nested-${kind}`);
    const wholePictures = rig.countLogged('the picture is whole');
    await alice.join(roomJid, 'alice');
    await rig.waitForRow(`nested-${kind}`);
    let nested = xml('x', {});
    for (let depth = 0; depth < 1_000; depth += 1) nested = xml('x', {}, nested);
    await alice.session.send(
      xml('message', { to: roomJid, type: 'groupchat' }, xml('body', {}, 'hello'), nested),
    );
    await alice.setSubject(roomJid, 'after it');
    await rig.waitForRow(`nested-${kind}`, ({ subject }) => subject === 'after it');
    expect(rig.countLogged('the picture is whole')).toBe(wholePictures);
  });
});
