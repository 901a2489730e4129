/** The tracker's link to the MUC server is cut in each way in which links are. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { onEachBackend } from '../backends/all-backends.js';
import type { Way } from '../servers/tcp-proxy.js';
import type { ChatClient } from '../support/chat-client.js';
import { expectFrozenWhileStale, expectServed, expectStill } from './expectations.js';
import { FaultRig } from './fault-rig.js';

/** Longer than a silent connection is kept, in ms. */
const SILENCE_MS = 12_000;

const WAYS: readonly { way: Way; title: string; last: (rig: FaultRig) => Promise<void> }[] = [
  { way: 'answers', title: 'from the server', last: (rig) => rig.untilStale() },
  // Where nothing needs to be asked, the list stays live and true.
  { way: 'requests', title: 'to the server', last: () => wait(SILENCE_MS) },
];

interface UnseenFault {
  readonly begin: () => Promise<void>;
  /** How long it goes on, once rooms have changed. */
  readonly last: () => Promise<void>;
  readonly end: () => void;
}

onEachBackend((backend) => {
  let rig: FaultRig;
  let owner: ChatClient;
  let guest: ChatClient;
  let sequence = 0;

  beforeAll(async () => {
    rig = await FaultRig.start(backend);
    owner = await rig.connect('sten');
    guest = await rig.connect('stig');
  });

  afterAll(() => rig.stop());

  // The fault's end is when the relay accepts connections again.
  test('cut both ways', async () => {
    const { during } = await strikeUnseen('link: cut', {
      begin: () => Promise.resolve(rig.stack.link.refuse()),
      last: () => rig.untilStale(),
      end: () => rig.stack.link.accept(),
    });
    expectFrozenWhileStale(during);
  });

  describe.each(WAYS)('one way, $title:', ({ way, title, last }) => {
    test('cut halfway through a stanza', async () => {
      const { during } = await strikeUnseen(`link: cut in a stanza ${title}`, {
        begin: () => rig.stack.link.refuseHalfway(way),
        last: () => rig.untilStale(),
        end: () => rig.stack.link.accept(),
      });
      expectFrozenWhileStale(during);
    });

    // The fault's end is when what was held arrives, as TCP sends again what got lost.
    test('held up for longer than anybody waits', async () => {
      await strikeUnseen(`link: held up ${title}`, {
        begin: () => Promise.resolve(rig.stack.link.hold(way)),
        last: () => last(rig),
        end: () => rig.stack.link.release(way),
      });
    });

    // The fault's end is when the relay loses nothing more, and ends what it has made useless.
    test('swallowed for longer than anybody waits', async () => {
      await strikeUnseen(`link: swallowed ${title}`, {
        begin: () => Promise.resolve(rig.stack.link.swallow(way)),
        last: () => last(rig),
        end: () => {
          rig.stack.link.pass(way);
          rig.stack.link.cut();
        },
      });
    });
  });

  /** A temporary room ends, somebody leaves another one, and one begins while nobody tells us. */
  async function strikeUnseen(
    name: string,
    { begin, last, end }: UnseenFault,
  ): ReturnType<FaultRig['strike']> {
    sequence += 1;
    const [brief, left, begun] = ['brief', 'left', 'begun'].map(
      (what) => `${what}-${sequence}`,
    ) as [string, string, string];
    const jids = [brief, left, begun].map((roomId) => rig.watchRoom(roomId));
    const [briefJid = '', leftJid = '', begunJid = ''] = jids;
    await guest.join(briefJid, 'guest');
    await owner.join(leftJid, 'owner');
    await guest.join(leftJid, 'guest');
    await rig.stack.waitForRow(brief);
    await rig.stack.waitForRow(left, ({ occupants }) => occupants === 2);
    const { during, after, ...truth } = await rig.strike(name, async () => {
      await begin();
      await guest.leave(briefJid);
      await guest.leave(leftJid);
      await guest.join(begunJid, 'guest');
      await last();
      end();
    });
    expectServed([...during, ...after]);
    expectStill([...during, ...after], rig.still.rows);
    const shown = after.at(-1)?.rows;
    expect(shown?.has(brief)).toBe(false);
    expect(shown?.get(left)).toMatchObject({ occupants: 1 });
    expect(shown?.get(begun)).toMatchObject({ occupants: 1 });
    await guest.leave(begunJid);
    await owner.leave(leftJid);
    return { during, after, ...truth };
  }
});
