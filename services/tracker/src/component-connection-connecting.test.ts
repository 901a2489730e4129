/** Connecting: a server that is away, says no, or behaves strangely. */
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  createComponentRig,
  waitFor,
  type ComponentRig,
  type ComponentRigOptions,
} from '../../../test/support/component-rig.js';
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

const reason = ({ connection }: ComponentRig): string =>
  connection.status.state === 'online' ? '' : connection.status.reason;

describe('a server that is away', () => {
  test('a port where nothing listens is tried again until there is a server', async () => {
    const former = await startFakeXmppServer();
    await former.close();
    const created = await createRig({ port: former.port });
    expect(created.connection.status.state).toBe('stopped');
    created.connection.start();
    expect(created.connection.status.state).toBe('connecting');
    await waitFor(() => delays(created).length >= 3, 'three attempts');
    expect(reason(created)).toContain('ECONNREFUSED');
    const server = await startFakeXmppServer({ port: former.port });
    await server.authenticatedLink();
    await waitFor(() => created.connection.status.state === 'online', 'online');
    await created.connection.stop();
    await server.close();
  });

  test('many failed attempts are one line of the log, with growing, capped delays', async () => {
    const former = await startFakeXmppServer();
    await former.close();
    const created = await createRig({ port: former.port, random: () => 0.999_999 });
    created.connection.start();
    await waitFor(() => delays(created).length >= 6, 'six attempts');
    expect(delays(created).slice(0, 6)).toEqual([2, 4, 8, 16, 16, 16]);
    expect(created.logLines.filter(({ level }) => level !== 'debug')).toHaveLength(1);
    expect(created.events).toEqual([]);
  });

  test('the delays have jitter', async () => {
    const former = await startFakeXmppServer();
    await former.close();
    const created = await createRig({ port: former.port, random: () => 0 });
    created.connection.start();
    await waitFor(() => delays(created).length >= 4, 'four attempts');
    expect(delays(created).slice(0, 4)).toEqual([1, 2, 4, 8]);
  });

  test('start twice is start once', async () => {
    const created = await createRig();
    created.connection.start();
    created.connection.start();
    await waitFor(() => created.connection.status.state === 'online', 'online');
    expect(created.server.links).toHaveLength(1);
  });
});

describe('a server that says no', () => {
  test.each([
    ['not-authorized', { secret: 'wrong' }, 'XMPP_COMPONENT_SECRET'],
    ['host-unknown', { domain: 'other.localhost' }, 'XMPP_COMPONENT_DOMAIN'],
  ])('%s is tried again slowly, and said once', async (condition, wrong, setting) => {
    const created = await createRig({ ...wrong, random: () => 0.999_999 });
    created.connection.start();
    await waitFor(() => delays(created).length >= 5, 'five attempts');
    expect(created.connection.status).toMatchObject({ state: 'refused', condition });
    expect(reason(created)).toContain(setting);
    expect(delays(created).slice(0, 5)).toEqual([4, 8, 16, 32, 32]);
    expect(created.logLines.filter(({ level }) => level !== 'debug')).toEqual([
      expect.objectContaining({ level: 'error' }),
    ]);
    expect(JSON.stringify(created.logLines)).not.toContain('"wrong"');
  });

  test('a domain that another connection holds is tried until it is free', async () => {
    const created = await createRig();
    const holder = await createComponentRig({ port: created.server.port });
    const held = await (async () => {
      holder.connection.start();
      return created.server.authenticatedLink(0);
    })();
    created.connection.start();
    await waitFor(() => created.connection.status.state === 'refused', 'the refusal');
    expect(created.connection.status).toMatchObject({ condition: 'conflict' });
    expect(reason(created)).toContain('XMPP_COMPONENT_DOMAIN');
    expect(held.isClosed).toBe(false);
    await holder.stop();
    await waitFor(() => created.connection.status.state === 'online', 'online');
  });

  // As ejabberd does, which lets both in.
  test('a server that divides between two connections is left to the other', async () => {
    const created = await createRig();
    created.server.behaviour.onHandshake = (link) => link.acceptHandshake();
    created.server.behaviour.isEchoing = (_stanza, link) => link.selfSent.length % 2 === 0;
    created.connection.start();
    await waitFor(() => created.connection.status.state === 'refused', 'the refusal');
    expect(created.connection.status).toMatchObject({ condition: 'conflict' });
    expect(created.events).toEqual([]);
    created.server.behaviour.isEchoing = true;
    await waitFor(() => created.connection.status.state === 'online', 'online');
  });

  test('a server that was long away and then says no is asked again soon', async () => {
    const created = await createRig({ random: () => 0.999_999 });
    created.server.behaviour.onHandshake = (link) => link.reset();
    created.connection.start();
    await waitFor(() => delays(created).length >= 4, 'four failures');
    created.server.behaviour.onHandshake = (link) => link.sendStreamError('conflict');
    await waitFor(() => created.connection.status.state === 'refused', 'the refusal');
    const [first, second, third, ...later] = delays(created);
    expect([first, second, third]).toEqual([2, 4, 8]);
    expect(later.find((delayMs) => delayMs !== 16)).toBe(4);
  });

  test('a refusal that heals is said to be over', async () => {
    const created = await createRig();
    created.server.behaviour.onHandshake = (link) => link.sendStreamError('not-authorized');
    created.connection.start();
    await waitFor(() => created.connection.status.state === 'refused', 'the refusal');
    created.server.behaviour.onHandshake = 'check';
    await waitFor(() => created.connection.status.state === 'online', 'online');
    const states = created.logLines.filter(({ level }) => level !== 'debug');
    expect(states.map(({ level }) => level)).toEqual(['error', 'info']);
  });

  test('a server that sends us elsewhere is not followed', async () => {
    const created = await createRig();
    const elsewhere = await startFakeXmppServer();
    created.server.behaviour.onHandshake = (link) => {
      link.send(
        `<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>` +
          `127.0.0.1:${elsewhere.port}</see-other-host></stream:error></stream:stream>`,
      );
    };
    created.connection.start();
    await waitFor(() => created.server.links.length >= 3, 'three attempts at the same server');
    expect(elsewhere.links).toHaveLength(0);
    await elsewhere.close();
  });
});

describe('a server that is slow or strange while connecting', () => {
  test('silence after the TCP connection is given up in time', async () => {
    const created = await createRig({ timing: { connectTimeoutMs: 50 } });
    created.server.behaviour.onHeader = 'silence';
    created.connection.start();
    await waitFor(() => created.server.links.length >= 2, 'a second attempt');
    await waitFor(() => created.server.links[0]?.isClosed === true, 'the first to be closed');
    created.server.behaviour.onHeader = 'answer';
    await waitFor(() => created.connection.status.state === 'online', 'online');
  });

  test('silence after the handshake is given up in time', async () => {
    const created = await createRig({ timing: { connectTimeoutMs: 50 } });
    created.server.behaviour.onHandshake = 'silence';
    created.connection.start();
    await waitFor(() => created.server.links.length >= 2, 'a second attempt');
    await waitFor(() => created.server.links[0]?.isClosed === true, 'the first to be closed');
    expect(created.events).toEqual([]);
  });

  /** Past the 2 s for which the library itself would wait. */
  const LATE_MS = 2_100;

  test('a header that comes late, but in time, is taken', async () => {
    const created = await createRig({ timing: { connectTimeoutMs: 10_000 } });
    created.server.behaviour.onHeader = (link) => setTimeout(() => link.sendHeader(), LATE_MS);
    await created.goOnline();
    expect(created.server.links).toHaveLength(1);
  });

  test('an answer to the handshake that comes late, but in time, is taken', async () => {
    const created = await createRig({ timing: { connectTimeoutMs: 10_000 } });
    created.server.behaviour.onHandshake = (link) =>
      setTimeout(() => link.acceptHandshake(), LATE_MS);
    await created.goOnline();
    expect(created.server.links).toHaveLength(1);
  });

  test.each([
    ['an HTTP server', 'HTTP/1.1 400 Bad Request\r\n\r\n<html><body>no</body></html>'],
    ['another kind of XML', "<root id='1'>"],
    [
      'a server for clients',
      "<stream:stream xmlns='jabber:client' id='1' " +
        "xmlns:stream='http://etherx.jabber.org/streams'><stream:error><host-unknown " +
        "xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>",
    ],
  ])('%s is no server for components', async (_what, text) => {
    const created = await createRig();
    created.server.behaviour.onHeader = (link) => link.send(text);
    created.connection.start();
    await waitFor(() => created.server.links.length >= 2, 'a second attempt');
    expect(created.connection.status.state).toBe('connecting');
    expect(created.events).toEqual([]);
    expect(created.server.links[0]?.receivedText).not.toContain('<handshake');
  });
});
