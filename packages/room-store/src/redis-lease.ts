/** The lease in Redis: who alone follows the service, and who else could. */
import { VIEW_LEASE } from './lua/lease-scripts.js';
import { runScript } from './lua/lua-script.js';
import type { RedisConnection } from './redis-connection.js';
import type { RoomKeys } from './room-keys.js';
import { TRACKER_REMEMBERED_MS } from './room-store.js';
import type { AnnouncedTracker, LeaseClaim, LeaseView } from './room-store.js';

/** How a holder stands in the lease's key. Neither a domain nor an instance has a space. */
export function holderText({ tracker, instance }: LeaseClaim): string {
  return `${tracker} ${instance}`;
}

/** What the script that opens a writer is told of a claim. */
export function claimArguments(claim: LeaseClaim | undefined): (string | number)[] {
  if (claim === undefined) return ['', '', '', ''];
  const notHindering = claim.isSuccessor === true ? `${claim.tracker} ` : '';
  return [holderText(claim), notHindering, claim.leaseMs, claim.seenEpoch ?? 0];
}

/** Reads how the lease stands, and announces a tracker before, if one is given. */
export async function viewRedisLease(
  connection: RedisConnection,
  keys: RoomKeys,
  announced?: AnnouncedTracker,
): Promise<LeaseView> {
  const [epoch = '0', holder = '', remainingMs, ...entries] = (await connection.run((redis) =>
    runScript(
      redis,
      VIEW_LEASE,
      [keys.meta, keys.lease, keys.trackers],
      [announced?.tracker ?? '', announced?.followed ?? 0, TRACKER_REMEMBERED_MS],
    ),
  )) as string[];
  const trackers = [];
  for (let at = 0; at + 2 < entries.length; at += 3) {
    const [name = '', ageMs, followedText] = entries.slice(at, at + 3);
    trackers.push({ tracker: name, ageMs: Number(ageMs), followed: Number(followedText) });
  }
  return { epoch: Number(epoch), holder: parseHolder(holder, Number(remainingMs)), trackers };
}

function parseHolder(text: string, remainingMs: number): LeaseView['holder'] {
  const [tracker, instance] = text.split(' ');
  if (tracker === undefined || instance === undefined) return undefined;
  return { tracker, instance, remainingMs };
}
