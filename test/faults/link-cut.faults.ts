/** The tracker's link to the MUC server is cut, between two stanzas or amid one. */
import { afterAll, beforeAll, test } from '@jest/globals';
import { onEachBackend } from '../backends/all-backends.js';
import { expectFrozenWhileStale } from './expectations.js';
import { FaultRig } from './fault-rig.js';
import { SILENT_WAYS } from './silent-ways.js';
import { UnseenChanges } from './unseen-changes.js';

// A fault's end is when the relay accepts connections again.
onEachBackend((backend) => {
  let rig: FaultRig;
  let unseen: UnseenChanges;

  beforeAll(async () => {
    rig = await FaultRig.start(backend);
    unseen = await UnseenChanges.start(rig);
  });

  afterAll(() => rig.stop());

  test('cut both ways', async () => {
    const { during } = await unseen.strike('link: cut', {
      begin: () => Promise.resolve(rig.stack.link.refuse()),
      last: () => rig.untilStale(),
      end: () => rig.stack.link.accept(),
    });
    expectFrozenWhileStale(during);
  });

  test.each(SILENT_WAYS)(
    'one way, $title: cut halfway through a stanza',
    async ({ way, title }) => {
      const { during } = await unseen.strike(`link: cut in a stanza ${title}`, {
        begin: () => rig.stack.link.refuseHalfway(way),
        last: () => rig.untilStale(),
        end: () => rig.stack.link.accept(),
      });
      expectFrozenWhileStale(during);
    },
  );
});
