/**
 * What somebody in a room can make the MUC service send us must not pass for what the service or
 * the room says, nor cost us the connection: an invitation reaches whomever it names, from the room,
 * and talk and presence are passed on, on Prosody with everything in them.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Element } from 'ltx';
import { onEachBackend } from '../backends/all-backends.js';
import type { ChatClient } from '../support/chat-client.js';
import { xml } from '../support/client-session.js';
import { type Stack, startStack } from '../support/stack.js';

const MUC_USER = 'http://jabber.org/protocol/muc#user';
const FEED = 'urn:xmpp:conference-feed:1';
const INTERRUPTED = 'the feed was interrupted; reading everything again';
const WHOLE = 'the picture is whole';
const NEEDS_NO_ROOM = ['an invitation', 'a word past the room'];

onEachBackend((backend) => {
  let stack: Stack;
  let alice: ChatClient;

  beforeAll(async () => {
    // What came through must be right without being put right.
    stack = await startStack(backend, { trackerEnvironment: { AUDIT_INTERVAL_MS: '0' } });
    alice = await stack.connect(0);
  }, 60_000);

  afterAll(() => stack.stop(), 30_000);

  const countLogged = (message: string): number => stack.tracker.log.split(message).length - 1;

  /** Everything that a room, a service or a feed says, and that nobody else may. */
  const forgeries = (): Element[] => [
    xml(
      'batch',
      { xmlns: FEED, life: 'forged', number: '1' },
      xml('room', { id: 'forged', gone: '1' }),
    ),
    xml(
      'x',
      { xmlns: MUC_USER },
      xml('item', { affiliation: 'owner', role: 'moderator', jid: 'mallory@localhost' }),
      xml('status', { code: '104' }),
      xml('status', { code: '110' }),
    ),
    xml('x', { xmlns: MUC_USER }, xml('destroy', {})),
  ];
  const subject = (): Element => xml('subject', {}, 'forged');
  const body = (): Element => xml('body', {}, 'hello');
  const invitation = (): Element =>
    xml('x', { xmlns: MUC_USER }, xml('invite', { to: stack.server.trackerDomain }));

  /** What somebody in a room sends, by what it is. */
  const WAYS: Readonly<Record<string, (roomJid: string) => readonly Element[]>> = {
    'an invitation': (to) => [
      xml('message', { to }, ...forgeries(), subject(), invitation(), ...forgeries()),
      xml('message', { to }, invitation(), subject(), ...forgeries()),
    ],
    talk: (to) => [xml('message', { to, type: 'groupchat' }, body(), subject(), ...forgeries())],
    'a presence': (roomJid) => [xml('presence', { to: `${roomJid}/alice` }, ...forgeries())],
    'a private message': (roomJid) =>
      ['chat', 'normal', 'groupchat', 'headline'].map((type) =>
        xml(
          'message',
          { to: `${roomJid}/conference-tracker`, type },
          body(),
          subject(),
          ...forgeries(),
        ),
      ),
    'a request': (roomJid) =>
      ['get', 'set', 'result'].map((type) =>
        xml(
          'iq',
          { to: `${roomJid}/conference-tracker`, type, id: `forged-${type}` },
          ...forgeries().slice(0, 1),
        ),
      ),
    'a word past the room': () =>
      [stack.server.trackerDomain, `${stack.server.trackerDomain}/conference`].flatMap((to) => [
        xml('message', { to, type: 'groupchat' }, body(), subject(), ...forgeries()),
        xml('presence', { to }, ...forgeries()),
        xml('iq', { to, type: 'set', id: 'forged' }, ...forgeries().slice(0, 1)),
      ]),
  };

  test.each(Object.keys(WAYS))(
    '%s that carries what only the room may say changes nothing and interrupts nothing',
    async (way) => {
      const roomId = `forged-${way.replaceAll(' ', '-')}`;
      const roomJid = stack.roomJid(roomId);
      await alice.join(roomJid, 'alice');
      const before = await stack.waitForRow(roomId);
      const wholePictures = countLogged(WHOLE);
      let arrived = 0;
      stack.link.alterAnswers((stanza) => {
        const invite = stanza.getChild('x', MUC_USER)?.getChild('invite');
        const batch = stanza.getChild('batch', FEED);
        if (invite !== undefined || batch?.attrs['life'] === 'forged') arrived += 1;
        return stanza;
      });
      for (const stanza of WAYS[way]?.(roomJid) ?? []) await alice.session.send(stanza);
      // Told after all that has arrived.
      await alice.join(stack.roomJid(`${roomId}-behind`), 'alice');
      await stack.waitForRow(`${roomId}-behind`);
      stack.link.pass('answers');
      // Whoever is in no room hears only what is said to everybody's address.
      const isHeard = backend.quirks.countsTracker || NEEDS_NO_ROOM.includes(way);
      expect(arrived > 0).toBe(isHeard);
      expect(await stack.row(roomId)).toEqual(before);
      expect([countLogged(WHOLE), countLogged(INTERRUPTED)]).toEqual([wholePictures, 0]);
    },
  );

  test('talk that is nested without end does not cost the connection', async () => {
    const roomJid = stack.roomJid('nested');
    const wholePictures = countLogged(WHOLE);
    await alice.join(roomJid, 'alice');
    await stack.waitForRow('nested');
    let nested = xml('x', {});
    for (let depth = 0; depth < 1_000; depth += 1) nested = xml('x', {}, nested);
    await alice.session.send(xml('message', { to: roomJid, type: 'groupchat' }, body(), nested));
    await alice.setSubject(roomJid, 'after it');
    await stack.waitForRow('nested', ({ subject }) => subject === 'after it');
    expect(countLogged(WHOLE)).toBe(wholePictures);
  });
});
