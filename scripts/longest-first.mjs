/**
 * The order of test files for Jest: what takes longest, most of it waiting, begins first, so that no
 * worker is left with it alone; what works instead of waiting comes when others have ended.
 */
const LONGEST_FIRST = [
  'muc-server',
  'redis-away',
  'takeover',
  'tracker',
  'clock',
  'link-held',
  'link-swallowed',
  'redis-refusing',
  'link-cut',
  'rest-clients',
  'facade',
  'outages',
  'ejabberd-administration',
  'room-life',
  'up',
  'up-ended',
  'audit',
  'server-facts',
  'room-model',
  'redis-cluster-outage',
  'half-open-link',
  'up-refused',
  'shared-nick',
  'thousand-rooms',
  'up-ejabberd',
];

/** Lower begins earlier. */
function placeOf({ path }) {
  const place = LONGEST_FIRST.findIndex((name) =>
    [`/${name}.faults.ts`, `/${name}.test.ts`].some((end) => path.endsWith(end)),
  );
  return place === -1 ? LONGEST_FIRST.length : place;
}

/** As @jest/test-sequencer, without what a whole run in one process does not need. */
export default class LongestFirst {
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
