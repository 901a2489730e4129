/** Requests and their replies. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { createElement, type Element } from 'ltx';
import {
  createComponentRig,
  waitFor,
  type ComponentRig,
  type ComponentRigOptions,
} from '../../../test/support/component-rig.js';
import { errorOf, resultOf } from '../../../test/servers/fake-xmpp-server.js';

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

describe('replies', () => {
  test('what onReply returns is the result; ids differ and cannot be guessed', async () => {
    const created = await createRig();
    created.server.behaviour.onStanza = (asked, link) => link.send(resultOf(asked));
    const link = await created.goOnline();
    await expect(Promise.all([request(created), request(created)])).resolves.toEqual([ROOM, ROOM]);
    const ids = link.received.flatMap(({ name, attrs }) => (name === 'iq' ? [attrs['id']] : []));
    expect(new Set(ids).size).toBe(2);
    expect(ids.every((id) => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(id ?? ''))).toBe(true);
    expect(created.stanzas()).toEqual([]);
  });

  test('what onReply throws is the failure, and the connection goes on', async () => {
    const created = await createRig();
    created.server.behaviour.onStanza = (asked, link) => link.send(resultOf(asked));
    await created.goOnline();
    const failing = created.connection.request(iq(), {
      timeoutMs: 5_000,
      onReply: () => {
        throw new RangeError('unreadable');
      },
    });
    await expect(failing).rejects.toThrow(RangeError);
    await expect(request(created)).resolves.toBe(ROOM);
  });

  test('a reply from anybody else, or from nobody, does not count', async () => {
    const created = await createRig();
    created.server.behaviour.onStanza = (asked, link) => {
      const { id } = asked.attrs;
      const rest = `id='${id}' to='tracker.localhost'`;
      link.send(`<iq type='result' from='evil@conference.localhost' ${rest}/>`);
      link.send(`<iq type='error' from='${ROOM}/nick' ${rest}/>`);
      link.send(`<iq type='result' ${rest}/>`);
      link.send(`<iq type='result' from='${ROOM}' ${rest}/>`);
    };
    await created.goOnline();
    await expect(request(created)).resolves.toBe(ROOM);
    expect(created.stanzas()).toEqual([]);
  });

  test('a reply from the normalised form of the address counts', async () => {
    const created = await createRig();
    created.server.behaviour.onStanza = (asked, link) =>
      link.send(resultOf(asked).replace('R1|SiteA', 'r1|sitea'));
    await created.goOnline();
    await expect(request(created, 5_000, 'R1|SiteA@conference.localhost/Nick')).resolves.toBe(
      'r1|sitea@conference.localhost/Nick',
    );
  });

  test.each([
    ['item-not-found', 'cancel', false],
    ['resource-constraint', 'wait', true],
  ])('the error %s of type %s is a stanza-error', async (condition, type, isRetryable) => {
    const created = await createRig();
    created.server.behaviour.onStanza = (asked, link) => {
      link.send(errorOf(asked, condition, type));
    };
    await created.goOnline();
    await expect(request(created)).rejects.toMatchObject({
      code: 'stanza-error',
      condition,
      isRetryable,
    });
  });

  test.each(['', "<error type='cancel' code='404'/>", '<error><text>no</text></error>'])(
    'an error reply that names no condition (%s) is an undefined-condition',
    async (error) => {
      const created = await createRig();
      created.server.behaviour.onStanza = (asked, link) => {
        link.send(resultOf(asked, error).replace("'result'", "'error'"));
      };
      await created.goOnline();
      await expect(request(created)).rejects.toMatchObject({
        code: 'stanza-error',
        condition: 'undefined-condition',
      });
    },
  );

  test('no reply is a timeout; late and double replies are dropped', async () => {
    const created = await createRig();
    let asked: Element | undefined;
    created.server.behaviour.onStanza = (element) => (asked = element);
    const link = await created.goOnline();
    await expect(request(created, 30)).rejects.toMatchObject({
      code: 'timeout',
      isRetryable: true,
    });
    if (asked !== undefined) {
      link.send(resultOf(asked));
    }
    created.server.behaviour.onStanza = (element) => {
      link.send(resultOf(element).repeat(2));
    };
    let replies = 0;
    await created.connection.request(iq(), { timeoutMs: 5_000, onReply: () => (replies += 1) });
    link.send("<message from='a@b'/>");
    await waitFor(() => created.stanzas().length === 1, 'the message behind the replies');
    expect(replies).toBe(1);
  });

  test('a lost connection fails everything that waits at once', async () => {
    const created = await createRig();
    const link = await created.goOnline();
    const startMs = performance.now();
    const waiting = Array.from({ length: 100 }, () => request(created, 60_000));
    const settled = Promise.allSettled(waiting);
    await link.waitFor(({ name }) => name === 'iq', 'a request');
    link.reset();
    for (const result of await settled) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'xmpp-unavailable' } });
    }
    expect(performance.now() - startMs).toBeLessThan(5_000);
  });

  test('stop fails everything that waits at once', async () => {
    const created = await createRig();
    await created.goOnline();
    const failed = expect(request(created, 60_000)).rejects.toMatchObject({
      code: 'xmpp-unavailable',
    });
    await created.connection.stop();
    await failed;
  });
});
