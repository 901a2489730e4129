/** What goes one way of the tracker's link is lost, for longer than anybody waits for it. */
import { afterAll, beforeAll, test } from '@jest/globals';
import { onEachBackend } from '../backends/all-backends.js';
import { FaultRig } from './fault-rig.js';
import { SILENT_WAYS } from './silent-ways.js';
import { UnseenChanges } from './unseen-changes.js';

onEachBackend((backend) => {
  let rig: FaultRig;
  let unseen: UnseenChanges;

  beforeAll(async () => {
    rig = await FaultRig.start(backend);
    unseen = await UnseenChanges.start(rig);
  });

  afterAll(() => rig.stop());

  // The fault's end is when the relay loses nothing more, and ends what it has made useless.
  test.each(SILENT_WAYS)(
    'one way, $title: swallowed for longer than anybody waits',
    ({ way, title, last }) =>
      unseen.strike(`link: swallowed ${title}`, {
        begin: () => Promise.resolve(rig.stack.link.swallow(way)),
        last: () => last(rig),
        end: () => {
          rig.stack.link.pass(way);
          rig.stack.link.cut();
        },
      }),
  );
});
