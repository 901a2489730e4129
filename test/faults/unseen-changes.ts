/** What happens in rooms while the tracker cannot hear of it, and must be known all the same. */
import { expect } from '@jest/globals';
import type { ChatClient } from '../support/chat-client.js';
import { expectServed, expectStill } from './expectations.js';
import type { FaultRig } from './fault-rig.js';
import type { SeenList } from './list-watch.js';

/** A fault of which the tracker's link suffers. */
export interface UnseenFault {
  readonly begin: () => Promise<void>;
  /** How long it goes on, once rooms have changed. */
  readonly last: () => Promise<unknown>;
  readonly end: () => void;
}

export class UnseenChanges {
  #sequence = 0;

  private constructor(
    private readonly rig: FaultRig,
    private readonly owner: ChatClient,
    private readonly guest: ChatClient,
  ) {}

  static async start(rig: FaultRig): Promise<UnseenChanges> {
    return new UnseenChanges(rig, await rig.connect('sten'), await rig.connect('stig'));
  }

  /**
   * A temporary room ends, somebody leaves another one, and one begins while nobody tells us.
   * @returns every answer to the question for the list before the fault's end
   */
  async strike(
    name: string,
    { begin, last, end }: UnseenFault,
  ): Promise<{ during: readonly SeenList[] }> {
    const { rig, owner, guest } = this;
    this.#sequence += 1;
    const [brief, left, begun] = ['brief', 'left', 'begun'].map(
      (what) => `${what}-${this.#sequence}`,
    ) as [string, string, string];
    const jids = [brief, left, begun].map((roomId) => rig.watchRoom(roomId));
    const [briefJid = '', leftJid = '', begunJid = ''] = jids;
    await guest.join(briefJid, 'guest');
    await owner.join(leftJid, 'owner');
    await guest.join(leftJid, 'guest');
    await rig.stack.waitForRow(brief);
    await rig.stack.waitForRow(left, ({ occupants }) => occupants === 2);
    const { during, after } = await rig.strike(name, async () => {
      await begin();
      await guest.leave(briefJid);
      await guest.leave(leftJid);
      await guest.join(begunJid, 'guest');
      await rig.linger(last);
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
    return { during };
  }
}
