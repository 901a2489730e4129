/** What the server sends, and how: chunks, order, broken XML, too much of it. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { createElement } from 'ltx';
import {
  createComponentRig,
  waitFor,
  type ComponentRig,
  type ComponentRigOptions,
} from '../../../test/support/component-rig.js';

let rig: ComponentRig | undefined;

async function createRig(options: ComponentRigOptions = {}): Promise<ComponentRig> {
  rig = await createComponentRig(options);
  return rig;
}

afterEach(async () => {
  await rig?.stop();
  rig = undefined;
});

const message = (body: string, from = 'a@b'): string =>
  `<message from='${from}' to='tracker.localhost'><body>${body}</body></message>`;

const bodies = (created: ComponentRig): (string | null)[] =>
  created.stanzas().map((stanza) => stanza.getChildText('body'));

describe('chunks', () => {
  test('characters that stand across TCP chunks come whole, in JIDs and in texts', async () => {
    const created = await createRig();
    const link = await created.goOnline();
    const bytes = Buffer.from(message('Grüße 😀', 'raum-ü😀@conference.localhost'));
    await link.sendChunks([...bytes].map((byte) => Uint8Array.of(byte)));
    await waitFor(() => created.stanzas().length === 1, 'the message to arrive');
    expect(created.stanzas()[0]?.attrs['from']).toBe('raum-ü😀@conference.localhost');
    expect(bodies(created)).toEqual(['Grüße 😀']);
  });

  test('a stream header that comes byte by byte is read', async () => {
    const created = await createRig();
    created.server.behaviour.onHeader = (link) =>
      void link.sendChunks([...Buffer.from(link.headerText)].map((byte) => Uint8Array.of(byte)));
    await created.goOnline();
    expect(created.server.links).toHaveLength(1);
  });

  test('stanzas behind the handshake in the same chunk come after onOnline', async () => {
    const created = await createRig();
    created.server.behaviour.onHandshake = (link) => {
      link.isAuthenticated = true;
      link.send(`<handshake/>${message('1')}${message('2')}`);
    };
    await created.goOnline();
    await waitFor(() => created.events.length === 3, 'all events');
    expect(created.events.map(({ kind }) => kind)).toEqual(['online', 'stanza', 'stanza']);
  });

  test('a handshake with addresses in it is accepted like any other', async () => {
    const created = await createRig();
    created.server.behaviour.onHandshake = (link) => {
      link.isAuthenticated = true;
      link.send(`<handshake from='/x' to='tracker.localhost'/>`);
    };
    await created.goOnline();
    expect(created.server.links).toHaveLength(1);
  });

  test('nothing is delivered before the handshake is accepted', async () => {
    const created = await createRig();
    created.server.behaviour.onHandshake = (link) => {
      link.send(message('too early'));
      link.acceptHandshake();
      link.send(message('in time'));
    };
    await created.goOnline();
    await waitFor(() => created.stanzas().length > 0, 'a message');
    expect(bodies(created)).toEqual(['in time']);
  });

  test('listeners and replies run in the order of the stream, within one chunk', async () => {
    const order: string[] = [];
    const created = await createRig({
      onStanza: (stanza) => order.push(stanza.getChildText('body') ?? ''),
    });
    created.server.behaviour.onStanza = (iq, link) => {
      const reply = `<iq type='result' id='${iq.attrs['id']}' from='a@b' to='tracker.localhost'/>`;
      link.send(`${message('before')}${reply}${message('after')}`);
    };
    await created.goOnline();
    await created.connection.request(createElement('iq', { type: 'get', to: 'a@b' }), {
      timeoutMs: 5_000,
      onReply: () => order.push('reply'),
    });
    await waitFor(() => order.length === 3, 'all three');
    expect(order).toEqual(['before', 'reply', 'after']);
  });
});

describe('failures while reading', () => {
  test('a listener that throws is logged and counted, and the next stanza still comes', async () => {
    const errors: unknown[] = [];
    const created = await createRig({
      onStanza: (stanza) => {
        if (stanza.getChildText('body') === 'bad') {
          throw new RangeError('listener');
        }
      },
      onListenerError: (error) => errors.push(error),
    });
    const link = await created.goOnline();
    link.send(`${message('bad', 'room@conference.localhost/nick')}${message('good')}`);
    await waitFor(() => created.stanzas().length === 2, 'both messages');
    expect(bodies(created)).toEqual(['bad', 'good']);
    expect(errors).toEqual([expect.any(RangeError)]);
    const logged = created.logLines.filter(({ level }) => level === 'error');
    expect(logged).toHaveLength(1);
    expect(logged[0]?.fields).toMatchObject({
      stanza: 'message',
      from: 'room@conference.localhost/nick',
    });
    expect(JSON.stringify(logged)).not.toContain('body');
    expect(created.connection.status.state).toBe('online');
    expect(created.server.links).toHaveLength(1);
  });

  test('a JID that nobody can decode is delivered as it is', async () => {
    const created = await createRig();
    const link = await created.goOnline();
    link.send(`${message('odd', '/x')}${message('even')}`);
    await waitFor(() => created.stanzas().length === 2, 'both messages');
    expect(created.stanzas()[0]?.attrs['from']).toBe('/x');
  });

  test.each([
    ['an unknown entity', '<message><body>&nbsp;</body></message>'],
    ['an entity for a character that XML cannot hold', '<message><body>&#0;</body></message>'],
    ['elements closed in the wrong order', '<message><body></message></body>'],
    ['a stream error without a condition in it', '<stream:error/>'],
    ['an end of the stream that was not opened', '</stream>'],
  ])('%s ends the connection, and a new one is made', async (_what, xml) => {
    const created = await createRig();
    const link = await created.goOnline();
    link.send(`${xml}${message('never')}`);
    await waitFor(() => link.isClosed, 'the connection to be cut');
    const next = await created.server.authenticatedLink(1);
    next.send(message('again'));
    await waitFor(() => created.stanzas().length > 0, 'a message');
    expect(bodies(created)).toEqual(['again']);
  });

  test('data after the end of the stream is skipped', async () => {
    const created = await createRig();
    const link = await created.goOnline();
    link.send('</stream:stream>');
    link.send(message('late'));
    await created.server.authenticatedLink(1);
    expect(created.stanzas()).toEqual([]);
    const offline = created.events.filter(({ kind }) => kind === 'offline');
    expect(offline).toEqual([{ kind: 'offline', reason: 'the XMPP server ended the stream' }]);
  });
});

describe('limits', () => {
  test('a stanza that grows past the limit ends the connection, told to the server', async () => {
    const created = await createRig({ limits: { stanzaBytes: 100_000 } });
    const link = await created.goOnline();
    const item = `<item jid='room@conference.localhost'/>`;
    link.send(`<iq type='result' from='a@b' to='tracker.localhost'>${item.repeat(10_000)}`);
    await waitFor(() => link.isClosed, 'the connection to be cut');
    expect(link.receivedText).toContain('<policy-violation');
    await created.server.authenticatedLink(1);
    expect(created.events[1]).toEqual({
      kind: 'offline',
      reason: 'the server sent a stanza of more than 100000 bytes',
    });
  });

  test('a list of 100,000 rooms passes the limits of the default', async () => {
    const created = await createRig();
    created.server.behaviour.onStanza = (iq, link) => {
      const option = `<option label='A room with a long name'><value>room-with-a-long-name@conference.localhost</value></option>`;
      link.send(`<iq type='result' id='${iq.attrs['id']}' from='a@b' to='x'><query>`);
      link.send(`${option.repeat(100_000)}</query></iq>`);
    };
    await created.goOnline();
    const count = await created.connection.request(createElement('iq', { to: 'a@b' }), {
      timeoutMs: 20_000,
      onReply: (reply) => reply.getChild('query')?.children.length,
    });
    expect(count).toBe(100_000);
  }, 30_000);

  test('elements nested by the thousand cost no connection, and nothing overflows', async () => {
    const created = await createRig();
    const link = await created.goOnline();
    link.send(`${'<message>'.repeat(100_000)}${'</message>'.repeat(100_000)}${message('next')}`);
    await waitFor(() => created.stanzas().length === 2, 'the next message');
    expect(created.stanzas()[0]?.toString().length).toBeLessThan(10_000);
    expect(created.server.links).toHaveLength(1);
  });

  test('many stanzas one after another are no large stanza', async () => {
    const created = await createRig({ limits: { stanzaBytes: 100_000 } });
    const link = await created.goOnline();
    link.send(message('x'.repeat(50)).repeat(10_000));
    await waitFor(() => created.stanzas().length === 10_000, 'all messages');
    expect(created.server.links).toHaveLength(1);
  });
});

test('a burst of 100,000 stanzas comes whole, and timers are not starved by it', async () => {
  let count = 0;
  const created = await createRig({ listener: countingListener(() => (count += 1)) });
  const link = await created.goOnline();
  let lastTickMs = performance.now();
  let longestGapMs = 0;
  const ticker = setInterval(() => {
    const nowMs = performance.now();
    longestGapMs = Math.max(longestGapMs, nowMs - lastTickMs);
    lastTickMs = nowMs;
  }, 5);
  link.send(message('x'.repeat(100)).repeat(100_000));
  await waitFor(() => count === 100_000, 'all messages', 20_000);
  clearInterval(ticker);
  expect(longestGapMs).toBeLessThan(1_000);
}, 30_000);

function countingListener(count: () => void) {
  return { onOnline: () => undefined, onOffline: () => undefined, onStanza: count };
}
