/** Prosody with our module in it: the tracker is in no room. */
import { backend as joined, startWith } from '../prosody-joined/backend.js';
import type { Backend } from '../backend.js';

export const backend: Backend = {
  title: 'Prosody 0.12, fed',
  start: (options) => startWith(options, true),
  // The service announces the feed, and so it is chosen.
  trackerEnvironment: { TRACKER_FEED: 'auto' },
  quirks: { ...joined.quirks, countsTracker: false },
  // Our module keeps both dates with the room.
  capabilities: {
    ...joined.capabilities,
    following: 'fed',
    creationDate: 'server',
    modificationDate: 'server',
  },
};
