/** Answers to what others ask, sending, what is refused to be sent, wrong settings. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { createElement, type Element } from 'ltx';
import { createSilentLogger } from '@conference/service-runtime';
import {
  createComponentRig,
  waitFor,
  type ComponentRig,
  type ComponentRigOptions,
} from '../../../test/support/component-rig.js';
import { resultOf } from '../../../test/servers/fake-xmpp-server.js';
import { createComponentConnection } from './component-connection.js';

let rig: ComponentRig | undefined;

async function createRig(options: ComponentRigOptions = {}): Promise<ComponentRig> {
  rig = await createComponentRig(options);
  return rig;
}

afterEach(async () => {
  await rig?.stop();
  rig = undefined;
});

const ROOM = 'room@conference.localhost';

const iq = (to = ROOM): Element =>
  createElement('iq', { type: 'get', to }, createElement('query', { xmlns: 'urn:example:q' }));

const request = ({ connection }: ComponentRig, timeoutMs = 5_000, to = ROOM): Promise<string> =>
  connection.request(iq(to), { timeoutMs, onReply: (reply) => reply.attrs['from'] ?? '' });

describe('what others ask the component', () => {
  const ask = async (created: ComponentRig, query: string, to: string): Promise<Element> => {
    const link = await created.goOnline();
    link.send(`<iq type='get' id='q1' from='romeo@localhost/x' to='${to}'>${query}</iq>`);
    return link.waitFor(({ attrs }) => attrs['id'] === 'q1', 'the answer');
  };

  test.each(['tracker.localhost', 'anybody@tracker.localhost/here'])(
    'disco#info of %s tells what we are',
    async (to) => {
      const query = "<query xmlns='http://jabber.org/protocol/disco#info'/>";
      const answer = await ask(await createRig(), query, to);
      expect(answer.attrs).toMatchObject({ type: 'result', from: to, to: 'romeo@localhost/x' });
      expect(answer.getChild('query')?.getChild('identity')?.attrs).toEqual({
        category: 'component',
        type: 'generic',
        name: 'Conference tracker',
      });
    },
  );

  test('a ping is answered', async () => {
    const created = await createRig();
    const answer = await ask(created, "<ping xmlns='urn:xmpp:ping'/>", 'tracker.localhost');
    expect(answer.attrs['type']).toBe('result');
    expect(created.stanzas()).toEqual([]);
  });

  test('the rest is unavailable', async () => {
    const created = await createRig();
    const answer = await ask(created, "<query xmlns='jabber:iq:version'/>", 'tracker.localhost');
    expect(answer.attrs['type']).toBe('error');
    expect(answer.getChild('error')?.getChild('service-unavailable')?.getNS()).toBe(
      'urn:ietf:params:xml:ns:xmpp-stanzas',
    );
  });

  test('an IQ that cannot be answered harms nobody', async () => {
    const created = await createRig();
    const link = await created.goOnline();
    link.send("<iq type='get'/><iq/><iq type='set' id='&#x9;' from='/x' to=''/>");
    link.send("<message from='a@b'/>");
    await waitFor(() => created.stanzas().length === 1, 'the message');
    expect(created.server.links).toHaveLength(1);
  });
});

describe('send', () => {
  test('fails while there is no connection, without throwing', async () => {
    const created = await createRig();
    const presence = createElement('presence', { to: `${ROOM}/nick` });
    await expect(created.connection.send(presence)).rejects.toMatchObject({
      code: 'xmpp-unavailable',
      isRetryable: true,
    });
    await expect(request(created)).rejects.toMatchObject({ code: 'xmpp-unavailable' });
  });

  test('fails while the handshake is not accepted, and writes nothing', async () => {
    const created = await createRig();
    created.server.behaviour.onHandshake = 'silence';
    created.connection.start();
    await waitFor(() => created.server.links[0]?.received.length === 1, 'the handshake');
    const presence = createElement('presence', { to: `${ROOM}/nick` });
    await expect(created.connection.send(presence)).rejects.toMatchObject({
      code: 'xmpp-unavailable',
    });
    await created.connection.stop();
    await waitFor(() => created.server.links[0]?.isClosed === true, 'the connection to be closed');
    expect(created.server.links[0]?.receivedText).not.toContain('<presence');
  });

  test('sends the stanza as it is, with our domain for a missing sender', async () => {
    const created = await createRig({ domain: 'Tracker.LOCALHOST' });
    const link = await created.goOnline();
    expect(created.connection.domain).toBe('tracker.localhost');
    const text = 'a < b & "c" > \u{1f600}';
    const body = createElement('body', null, text);
    await created.connection.send(createElement('message', { to: ROOM, id: `'"<&` }, body));
    const seen = await link.waitFor(({ name }) => name === 'message', 'the message');
    expect(seen.attrs).toEqual({ to: ROOM, id: `'"<&`, from: 'tracker.localhost' });
    expect(seen.getChildText('body')).toBe(text);
  });

  test('what a listener returns is not sent', async () => {
    const created = await createRig({
      listener: {
        onOnline: () => undefined,
        onOffline: () => undefined,
        onStanza: () => createElement('message', { to: ROOM }, 'returned'),
      },
    });
    created.server.behaviour.onStanza = (asked, link) => link.send(resultOf(asked));
    const link = await created.goOnline();
    link.send("<message from='a@b' to='tracker.localhost'/>");
    await request(created);
    expect(link.receivedText).not.toContain('returned');
  });

  /** Far more than the buffers of both systems hold. */
  const sendMuch = (created: ComponentRig): Promise<void>[] =>
    Array.from({ length: 2_000 }, () => {
      const body = createElement('body', null, 'x'.repeat(10_000));
      return created.connection.send(createElement('message', { to: ROOM }, body));
    });

  test('waits while the buffer is full, and goes on when the server reads again', async () => {
    const created = await createRig();
    const link = await created.goOnline();
    link.pauseReading();
    const sending = sendMuch(created);
    let isDone = false;
    const done = Promise.all(sending).then(() => (isDone = true));
    await sending[0];
    // Enough turns of the event loop for the buffers to fill.
    await expect(request(created, 50)).rejects.toMatchObject({ code: 'timeout' });
    expect(isDone).toBe(false);
    link.resumeReading();
    await done;
    await waitFor(() => link.received.length === 2_002, 'everything to arrive');
  });

  test('who waits for the buffer is told when the connection is lost', async () => {
    const created = await createRig();
    const link = await created.goOnline();
    link.pauseReading();
    const settled = Promise.allSettled(sendMuch(created));
    link.reset();
    expect((await settled).at(-1)).toMatchObject({
      status: 'rejected',
      reason: { code: 'xmpp-unavailable' },
    });
  });

  test.each([
    ['U+0000', createElement('message', { to: ROOM }, '\u0000')],
    ['a control character', createElement('message', { to: `${ROOM}/\u0008` })],
    ['a lone surrogate', createElement('message', { to: ROOM }, 'x\ud83dy')],
    ['U+FFFF', createElement('message', { to: ROOM }, '\uffff')],
    ['a foreign sender', createElement('message', { to: ROOM, from: 'evil@localhost' })],
    ['no recipient', createElement('message', {})],
    ['no stanza', createElement('stream:error', { to: ROOM })],
  ])('refuses %s, and the stream lives on', async (_what, stanza) => {
    const created = await createRig();
    created.server.behaviour.onStanza = (asked, link) => link.send(resultOf(asked));
    const link = await created.goOnline();
    const refused = { code: 'protocol-violation' };
    await expect(created.connection.send(stanza)).rejects.toMatchObject(refused);
    await expect(
      created.connection.request(stanza, { timeoutMs: 100, onReply: () => undefined }),
    ).rejects.toMatchObject(refused);
    await expect(request(created)).resolves.toBe(ROOM);
    expect(link.received.map(({ name }) => name)).toEqual(['handshake', 'iq']);
  });
});

describe('settings', () => {
  const create = (overrides: { domain?: string; secret?: string }) => () =>
    createComponentConnection({
      host: '127.0.0.1',
      port: 1,
      domain: 'tracker.localhost',
      secret: 'secret',
      listener: {
        onOnline: () => undefined,
        onOffline: () => undefined,
        onStanza: () => undefined,
      },
      logger: createSilentLogger(),
      ...overrides,
    });

  test.each([
    [{ secret: 'geheimnüs' }, 'XMPP_COMPONENT_SECRET'],
    [{ secret: '' }, 'XMPP_COMPONENT_SECRET'],
    [{ domain: '' }, 'XMPP_COMPONENT_DOMAIN'],
    [{ domain: 'user@tracker.localhost' }, 'XMPP_COMPONENT_DOMAIN'],
  ])('%j is a configuration error that names the setting', (overrides, setting) => {
    expect(create(overrides)).toThrow(
      expect.objectContaining({
        code: 'configuration-invalid',
        message: expect.stringContaining(setting),
      }),
    );
    expect(create(overrides)).not.toThrow('geheimnüs');
  });
});
