/** Which of several trackers follows the MUC service, and which stand by, by their domains. */
import type { RoomStore } from '@conference/room-store';
import { eventually } from './eventually.js';

type LeaseReader = Pick<RoomStore, 'readLease'>;

/** The domain of the tracker that holds the lease; undefined while nobody does. */
export async function readHolder(store: LeaseReader): Promise<string | undefined> {
  return (await store.readLease()).holder?.tracker;
}

/** Waits until that tracker follows the service. */
export async function untilFollowedBy(store: LeaseReader, domain: string): Promise<void> {
  await eventually(
    () => readHolder(store),
    (holder) => holder === domain,
    { what: `${domain} to follow` },
  );
}

/** Waits until that tracker has said within the last second that it is there. */
export async function untilAnnounced(store: LeaseReader, domain: string): Promise<void> {
  await eventually(
    () => store.readLease(),
    ({ trackers }) => trackers.some(({ tracker, ageMs }) => tracker === domain && ageMs < 1_000),
    { what: `${domain} to stand by` },
  );
}
