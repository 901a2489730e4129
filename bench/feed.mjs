/**
 * How the tracker follows the rooms in this run: by joining them, as with any server, or with
 * BENCH_FEED=feed by the module of ours in Prosody.
 */
export const FEED = process.env.BENCH_FEED === 'feed' ? 'feed' : 'join';

/** For the heading of a table. */
export const HOW_FOLLOWED = FEED === 'feed' ? 'followed by the feed' : 'followed by joining';
