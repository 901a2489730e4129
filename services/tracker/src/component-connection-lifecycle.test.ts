/** Losing the connection, noticing it, stopping. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createElement } from 'ltx';
import {
  createComponentRig,
  waitFor,
  type ComponentRig,
  type ComponentRigOptions,
} from '../../../test/support/component-rig.js';
import { withDeadline } from '../../../test/support/eventually.js';
import { startFakeXmppServer } from '../../../test/servers/fake-xmpp-server.js';

let rig: ComponentRig | undefined;

async function createRig(options: ComponentRigOptions = {}): Promise<ComponentRig> {
  rig = await createComponentRig(options);
  return rig;
}

afterEach(async () => {
  await rig?.stop();
  rig = undefined;
});

const delays = ({ logLines }: ComponentRig): unknown[] =>
  logLines.flatMap(({ fields }) => ('delayMs' in fields ? [fields['delayMs']] : []));

describe('losing the connection', () => {
  test.each([
    ['is reset', (link: Link) => link.reset()],
    ['is half closed', (link: Link) => link.halfClose()],
    ['ends with an error', (link: Link) => link.sendStreamError('system-shutdown')],
  ])('a connection that %s is said once and made again', async (_how, cut) => {
    const created = await createRig();
    const link = await created.goOnline();
    cut(link);
    await created.server.authenticatedLink(1);
    await waitFor(() => created.events.length === 3, 'three events');
    expect(created.events).toMatchObject([
      { kind: 'online', connectionNumber: 1 },
      { kind: 'offline' },
      { kind: 'online', connectionNumber: 2 },
    ]);
    await waitFor(() => link.isClosed, 'the old connection to be closed');
  });

  test('a half closed connection is left at once, though the server reads nothing more', async () => {
    const created = await createRig();
    const link = await created.goOnline();
    link.pauseReading();
    const body = createElement('body', null, 'x'.repeat(20_000_000));
    const sending = created.connection.send(createElement('message', { to: 'a@b' }, body));
    const failed = expect(sending).rejects.toMatchObject({ code: 'xmpp-unavailable' });
    link.halfClose();
    await failed;
    link.destroy();
    await created.server.authenticatedLink(1);
  });

  test('a lost connection is made again once, not by the library besides', async () => {
    const created = await createRig();
    (await created.goOnline()).reset();
    await created.server.authenticatedLink(1);
    const endMs = performance.now() + 1_300;
    await waitFor(() => performance.now() > endMs, 'the second in which the library would act');
    expect(created.server.links).toHaveLength(2);
  });

  test('nothing of the old stream is delivered after onOffline, not even of the same chunk', async () => {
    const created = await createRig();
    const link = await created.goOnline();
    const presence = "<presence from='room@conference.localhost/nick' to='tracker.localhost'/>";
    link.send(`${presence}</stream:stream>${presence}`);
    await waitFor(() => created.events.length >= 4, 'four events');
    expect(created.events.map(({ kind }) => kind)).toEqual([
      'online',
      'stanza',
      'offline',
      'online',
    ]);
  });

  test('connections that last only a moment do not reset the backoff; a stable one does', async () => {
    const timing = { stableAfterMs: 500 };
    const created = await createRig({ timing, random: () => 0.999_999 });
    created.connection.start();
    for (const index of [0, 1, 2]) {
      const link = await created.server.authenticatedLink(index);
      await waitFor(() => created.events.length === 2 * index + 1, 'the connection to be online');
      link.reset();
    }
    await waitFor(() => delays(created).length === 3, 'three retries');
    expect(delays(created)).toEqual([2, 4, 8]);
    const stable = await created.server.authenticatedLink(3);
    await waitFor(() => created.events.length === 7, 'the fourth connection to be online');
    const { status } = created.connection;
    const sinceMs = status.state === 'online' ? status.sinceMs : Number.NaN;
    await waitFor(() => Date.now() - sinceMs > 550, 'the connection to be stable');
    stable.reset();
    await waitFor(() => delays(created).length === 4, 'another retry');
    expect(delays(created)[3]).toBe(2);
  });
});

describe('a server that falls silent', () => {
  test('is noticed by an unanswered ping', async () => {
    const created = await createRig({ timing: { pingAfterSilenceMs: 30, pingTimeoutMs: 60 } });
    created.server.behaviour.isEchoing = false;
    const link = await created.goOnline();
    await waitFor(() => link.isClosed, 'the silent connection to be cut');
    expect(link.receivedText).toContain('<ping xmlns="urn:xmpp:ping"/>');
    expect(created.events[1]).toEqual({
      kind: 'offline',
      reason: 'the XMPP server did not answer within 60 ms',
    });
    await created.server.authenticatedLink(1);
  });

  test('is kept while it answers pings, if only with an error', async () => {
    const created = await createRig({ timing: { pingAfterSilenceMs: 20, pingTimeoutMs: 300 } });
    created.server.behaviour.isEchoing = false;
    const link = await created.goOnline();
    const { length: asked } = link.selfSent;
    const pings = (): number => link.selfSent.length - asked;
    for (const count of [1, 2, 3]) {
      await waitFor(() => pings() === count, `ping ${count}`);
      link.send("<iq type='error' id='x' from='tracker.localhost'/>");
    }
    expect(created.server.links).toHaveLength(1);
    expect(created.connection.status.state).toBe('online');
  });

  test('pings that come back to us by way of the server are answered', async () => {
    const created = await createRig({ timing: { pingAfterSilenceMs: 20, pingTimeoutMs: 2_000 } });
    const link = await created.goOnline();
    await waitFor(
      () => link.selfSent.some(({ attrs }) => attrs['type'] === 'result'),
      'the answer',
    );
    expect(created.stanzas()).toEqual([]);
  });
});

describe('stop', () => {
  test('ends the stream in order, says so once, and never comes back', async () => {
    const created = await createRig();
    const link = await created.goOnline();
    const first = created.connection.stop();
    expect(created.connection.status.state).toBe('stopped');
    await Promise.all([first, created.connection.stop()]);
    await waitFor(() => link.isClosed, 'the connection to be closed');
    expect(link.receivedText.endsWith('</stream:stream>')).toBe(true);
    created.connection.start();
    expect(created.events.map(({ kind }) => kind)).toEqual(['online', 'offline']);
    expect(created.connection.status.state).toBe('stopped');
    expect(created.server.links).toHaveLength(1);
  });

  test('what was sent before it still arrives', async () => {
    const created = await createRig();
    const link = await created.goOnline();
    const bye = createElement('presence', {
      to: 'room@conference.localhost/nick',
      type: 'unavailable',
    });
    for (let n = 0; n < 1_000; n += 1) {
      await created.connection.send(bye);
    }
    await created.connection.stop();
    await waitFor(() => link.isClosed, 'the connection to be closed');
    expect(link.received.filter(({ name }) => name === 'presence')).toHaveLength(1_000);
  });

  test('does not wait for ever for a peer that keeps its side open', async () => {
    const { server, sockets } = await startDeafServer();
    const created = await createRig({
      port: (server.address() as AddressInfo).port,
      timing: { stopTimeoutMs: 100 },
    });
    created.connection.start();
    await waitFor(() => created.connection.status.state === 'online', 'online');
    await withDeadline(created.connection.stop(), 'stop', 2_000);
    await waitFor(() => {
      // Where the socket is gone, its system answers with a reset.
      sockets[0]?.write(' ');
      return sockets[0]?.destroyed === true;
    }, 'the socket to be gone');
    expect(sockets).toHaveLength(1);
    await new Promise((resolve) => server.close(resolve));
  });

  test('in the middle of connecting leaves no socket behind', async () => {
    const created = await createRig();
    created.server.behaviour.onHeader = 'silence';
    created.connection.start();
    await waitFor(() => created.server.links.length === 1, 'the TCP connection');
    await withDeadline(created.connection.stop(), 'stop', 1_000);
    await waitFor(() => created.server.links[0]?.isClosed === true, 'the socket to be closed');
    expect(created.events).toEqual([]);
  });

  test('while waiting for the next attempt makes none any more', async () => {
    const former = await startFakeXmppServer();
    await former.close();
    const created = await createRig({
      port: former.port,
      timing: { retry: { initialMs: 50, maximumMs: 50 } },
    });
    created.connection.start();
    await waitFor(() => delays(created).length === 1, 'the first failure');
    await created.connection.stop();
    const server = await startFakeXmppServer({ port: former.port });
    const endMs = performance.now() + 200;
    await waitFor(() => performance.now() > endMs, 'the retry that must not come');
    expect(server.links).toHaveLength(0);
    await server.close();
  });

  test('from within a listener ends delivery at once', async () => {
    const created: ComponentRig = await createRig({
      onStanza: () => void created.connection.stop(),
    });
    const link = await created.goOnline();
    link.send("<message from='a@b'/>".repeat(10));
    await waitFor(() => link.isClosed, 'the connection to be closed');
    expect(created.stanzas()).toHaveLength(1);
  });
});

type Link = Awaited<ReturnType<ComponentRig['goOnline']>>;

/** Accepts a component, then neither reads nor closes. */
async function startDeafServer(): Promise<{ server: Server; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => socket.destroy());
    socket.once('data', () => {
      socket.write(
        "<stream:stream xmlns='jabber:component:accept' id='1' " +
          "xmlns:stream='http://etherx.jabber.org/streams'>",
      );
      socket.write('<handshake/>');
    });
    socket.on('data', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, sockets };
}
