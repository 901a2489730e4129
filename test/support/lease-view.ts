/** Which of several trackers follows the MUC service, and which stand by, by their domains. */
import type { LeaseView, RoomStore } from '@conference/room-store';
import { eventually } from './eventually.js';

type AnnouncingStore = Pick<RoomStore, 'announceTracker'>;

/** To look one must announce oneself: as somebody to whom nobody would leave a service. */
function look(store: AnnouncingStore): Promise<LeaseView> {
  return store.announceTracker({ tracker: 'looker.localhost', followed: 99 });
}

/** The domain of the tracker that holds the lease; undefined while nobody does. */
export async function readHolder(store: AnnouncingStore): Promise<string | undefined> {
  return (await look(store)).holder?.tracker;
}

/** Waits until that tracker follows the service. */
export async function untilFollowedBy(store: AnnouncingStore, domain: string): Promise<void> {
  await eventually(
    () => readHolder(store),
    (holder) => holder === domain,
    { what: `${domain} to follow` },
  );
}

/** Waits until that tracker has said within the last second that it is there. */
export async function untilAnnounced(store: AnnouncingStore, domain: string): Promise<void> {
  await eventually(
    () => look(store),
    ({ trackers }) => trackers.some(({ tracker, ageMs }) => tracker === domain && ageMs < 1_000),
    { what: `${domain} to stand by` },
  );
}
