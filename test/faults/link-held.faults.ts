/** What goes one way of the tracker's link waits, and arrives when nobody waits for it any more. */
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

  // The fault's end is when what was held arrives, as TCP sends again what got lost.
  test.each(SILENT_WAYS)(
    'one way, $title: held up for longer than anybody waits',
    ({ way, title, last }) =>
      unseen.strike(`link: held up ${title}`, {
        begin: () => Promise.resolve(rig.stack.link.hold(way)),
        last: () => last(rig),
        end: () => rig.stack.link.release(way),
      }),
  );
});
