/** What everything needs that follows rooms by joining them. */
import type { Logger } from '@conference/service-runtime';
import type { RoomFeedListener } from '../room-feed.js';
import type { RoomRequests } from '../room-requests.js';
import type { TrackerMetrics } from '../tracker-metrics.js';

export interface JoinOptions {
  readonly requests: RoomRequests;
  readonly nick: string;
  readonly discoveryIntervalMs: number;
  readonly listener: RoomFeedListener;
  readonly metrics: TrackerMetrics;
  readonly logger: Logger;
  readonly now: () => number;
  /** A clock that nobody sets, in ms. */
  readonly monotonicMs: () => number;
  readonly random: () => number;
}
