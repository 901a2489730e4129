/**
 * The order of the fault suite for Jest: what waits for longest begins first, so that no worker is
 * left with it alone; what works instead of waiting comes last, when others have ended.
 */
const LONGEST_FIRST = ['link', 'redis', 'muc-server', 'takeover', 'tracker', 'clock'];

/** Lower begins earlier. */
function placeOf({ path }) {
  const place = LONGEST_FIRST.findIndex((name) => path.endsWith(`/${name}.faults.ts`));
  return place === -1 ? LONGEST_FIRST.length : place;
}

/** As @jest/test-sequencer, without what a whole run in one process does not need. */
export default class FaultSequencer {
  sort(tests) {
    return [...tests].sort((one, other) => placeOf(one) - placeOf(other));
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {
    // Nothing is remembered: the order is the same everywhere.
  }
}
