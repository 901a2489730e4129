/** Prosody as Debian ships it: the tracker is in every room. */
import { type ProsodyOptions, type ProsodyServer, startProsody } from '../../servers/prosody.js';
import type { Backend, BackendServerOptions } from '../backend.js';

export const backend: Backend = {
  title: 'Prosody 0.12, joined',
  start: (options) => startWith(options, false),
  trackerEnvironment: { TRACKER_FEED: 'join' },
  quirks: {
    // `muc_room_default_public` is false.
    isPublicByDefault: false,
    // Without mod_muc_limits or the like no room has a maximum.
    defaultMaxUsers: 0,
    countsTracker: true,
    // A tombstone stands for a destroyed persistent room for 31 days.
    destroyedCondition: 'gone',
    ejectsBannedDomain: true,
    roleOfDismissedAdmin: 'participant',
  },
  capabilities: {
    softwareName: 'Prosody',
    following: 'joined',
    creationDate: 'observed',
    modificationDate: 'observed',
    maxUsers: 'unknown',
  },
};

/** A Prosody with or without our module. */
export function startWith(
  options: BackendServerOptions | undefined,
  hasFeed: boolean,
): Promise<ProsodyServer> {
  return startProsody(prosodyOptions(options, hasFeed));
}

/** What tests want of a server, as Prosody is told it. */
export function prosodyOptions(
  options: BackendServerOptions = {},
  hasFeed: boolean,
): ProsodyOptions {
  const { hasLongNames, hasNoTombstones, ...common } = options;
  const extraMucConfig = [
    // Its file storage cannot look for a room whose file name would be longer than the file system
    // allows (255 bytes, non-ASCII counting three), and answers with an error.
    ...(hasLongNames === true ? ['storage = "memory"'] : []),
    ...(hasNoTombstones === true ? ['muc_tombstones = false'] : []),
  ].join('\n');
  return { ...common, hasFeed, extraMucConfig };
}
