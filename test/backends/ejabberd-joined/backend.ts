/** ejabberd as Debian ships it: the tracker is in every room. */
import { startEjabberd } from '../../servers/ejabberd.js';
import type { Backend } from '../backend.js';

export const backend: Backend = {
  title: 'ejabberd 23.01, joined',
  start: (options) => startEjabberd(options),
  trackerEnvironment: { TRACKER_FEED: 'auto' },
  quirks: {
    isPublicByDefault: true,
    // The service's own limit (`max_users`), which every new room begins with.
    defaultMaxUsers: 200,
    countsTracker: true,
    // Nothing is left of it.
    destroyedCondition: 'item-not-found',
    // The domain is on the list, and keeps out only those who come later.
    ejectsBannedDomain: false,
    // Rooms are moderated as they are made, and being dismissed takes the voice too.
    roleOfDismissedAdmin: 'visitor',
  },
  capabilities: {
    softwareName: 'ejabberd',
    following: 'joined',
    creationDate: 'observed',
    modificationDate: 'observed',
    maxUsers: 'server',
  },
};
