/**
 * Follows the rooms of a MUC service through a module inside the server, without being in any of
 * them. @see docs/feed-protocol.md
 */
import { hasCode } from '@conference/muc';
import {
  buildFeedRoom,
  buildFeedSnapshot,
  buildFeedStatus,
  buildFeedSubscribe,
  buildFeedUnsubscribe,
  parseFeedBatch,
  parseFeedPage,
  parseFeedStatus,
  parseFeedSubscribed,
} from '@conference/muc-stanza';
import type { FeedPage, FeedPlace, FeedRoom } from '@conference/muc-stanza';
import { backoffDelayMs, delay } from '@conference/service-runtime';
import type { Logger } from '@conference/service-runtime';
import type { Element } from 'ltx';
import type { RoomFeed, RoomFeedListener, RoomPart } from '../room-feed.js';
import { expectParsed } from '../room-requests.js';
import type { RoomRequests } from '../room-requests.js';
import type { TrackerMetrics } from '../tracker-metrics.js';
import { FedRooms } from './fed-rooms.js';
import { missedPart } from './missed-part.js';
import { OwnGhosts } from './own-ghosts.js';
import { readPagesAhead } from './page-reading.js';
import { RoomReading } from './room-reading.js';

export interface ServerFeedOptions {
  readonly requests: RoomRequests;
  readonly listener: RoomFeedListener;
  /** The service no longer offers a feed: another way must be found. */
  readonly onUnavailable: (condition: string) => void;
  readonly metrics: TrackerMetrics;
  readonly logger: Logger;
  readonly now: () => number;
  readonly random: () => number;
}

const STATUS_INTERVAL_MS = 1_000;
const RETRY = { initialMs: 100, maximumMs: 5_000 };

export class ServerFeed implements RoomFeed {
  #end = new AbortController();
  #rooms: FedRooms | undefined;
  /** Where the feed stands; undefined outside a subscription. */
  #place: FeedPlace | undefined;
  /** Aborted when a batch of this subscription did not arrive. */
  #missed = new AbortController();
  readonly #ghosts: OwnGhosts;

  constructor(private readonly options: ServerFeedOptions) {
    this.#ghosts = new OwnGhosts(options.requests, options.logger);
  }

  onOnline(): void {
    this.onOffline();
    this.#end = new AbortController();
    void this.#run(this.#end.signal);
  }

  onOffline(): void {
    this.#end.abort();
    this.#place = undefined;
    this.#rooms = undefined;
  }

  onStanza(stanza: Element): void {
    if (this.#end.signal.aborted) return;
    if (stanza.name === 'presence') {
      this.#ghosts.handlePresence(stanza);
      return;
    }
    // Only the service itself tells the feed: what rooms send may be of anybody in them.
    if (stanza.attrs['from'] !== this.options.requests.options.mucService) return;
    const batch = stanza.name === 'message' ? parseFeedBatch(stanza) : undefined;
    if (batch === undefined || this.#place === undefined) return;
    const { life, number } = this.#place;
    if (batch.life !== life || batch.number > number + 1) {
      this.#missed.abort();
      return;
    }
    // A number that has been is of an earlier subscription: it says nothing new.
    if (batch.number <= number) return;
    this.#place = { life, number: batch.number };
    this.#takeAll(batch.rooms);
  }

  async inspect(roomId: string, onPart: (part: RoomPart) => void): Promise<void> {
    const rooms = this.#rooms;
    const reading = new RoomReading();
    const isJudged = (): boolean => this.#rooms === rooms && rooms?.isKnown(roomId) === true;
    if (!isJudged()) return;
    await this.#readRoom(roomId, (page) => {
      reading.take(page.rooms);
      if (page.nextPage !== undefined || !isJudged()) return;
      for (const part of reading.parts()) onPart(part);
    });
  }

  async readAgain(roomId: string): Promise<void> {
    const missed = this.#missed;
    try {
      let isThere = false;
      await this.#readRoom(roomId, (page) => {
        this.#expectPlace(page);
        isThere ||= page.rooms.length > 0;
        this.#takeAll(page.rooms);
        if (!isThere && page.nextPage === undefined) this.#takeAll([{ kind: 'gone', roomId }]);
      });
    } catch (err) {
      this.options.logger.warn({ err, roomId }, 'reading a room again failed');
      // Half of a room may have been told: the whole picture must be.
      missed.abort();
    }
  }

  async stop(): Promise<void> {
    const hasSubscribed = this.#place !== undefined;
    this.onOffline();
    if (!hasSubscribed) return;
    const { ownJid, mucService } = this.options.requests.options;
    try {
      await this.options.requests.ask(buildFeedUnsubscribe(ownJid, mucService), () => undefined);
    } catch (err) {
      this.options.logger.debug({ err }, 'ending the subscription failed');
    }
  }

  /** Subscribes, reads everything, then sees to it that nothing is missed; again after a fault. */
  async #run(signal: AbortSignal): Promise<void> {
    const { logger, listener, random, onUnavailable } = this.options;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        await this.#subscribe();
        await this.#readSnapshot(signal);
        if (signal.aborted) return;
        listener.onTrouble(undefined);
        listener.onSynchronised();
        attempt = 0;
        await this.#watch(signal);
      } catch (err) {
        if (signal.aborted) return;
        this.#place = undefined;
        listener.onInterrupted();
        const refusal = refusalOf(err);
        if (refusal !== undefined) {
          const reason = 'the service does not offer us its feed';
          listener.onTrouble({ reason: `${reason} (${refusal})` });
          logger.warn({ refusal }, reason);
          onUnavailable(refusal);
          return;
        }
        logger.warn({ err }, 'the feed was interrupted; reading everything again');
        await delay(backoffDelayMs(attempt, RETRY, random()), signal);
      }
    }
  }

  async #subscribe(): Promise<void> {
    const { requests, listener, now } = this.options;
    const { ownJid, mucService } = requests.options;
    await requests.ask(buildFeedSubscribe(ownJid, mucService), (reply) => {
      this.#place = expectParsed(parseFeedSubscribed(reply), 'a subscription');
      this.#missed = new AbortController();
      this.#rooms = new FedRooms(listener, now);
    });
  }

  /** Changes go on arriving between the pages; order alone makes them fit together. */
  async #readSnapshot(signal: AbortSignal): Promise<void> {
    const { requests, metrics, logger } = this.options;
    const { ownJid, mucService } = requests.options;
    let roomCount = 0;
    const isWhole = await readPagesAhead(signal, (page) =>
      requests.ask(buildFeedSnapshot(ownJid, mucService, page), (reply) => {
        const answer = expectParsed(parseFeedPage(reply), 'a page of the snapshot');
        this.#expectPlace(answer);
        roomCount += answer.rooms.filter((room) => room.kind === 'first').length;
        metrics.setSyncProgress(roomCount, answer.total);
        this.#takeAll(answer.rooms);
        return answer.nextPage;
      }),
    );
    if (isWhole) logger.info({ rooms: roomCount }, 'every room has been told');
  }

  /** Asks for one room, which may take several pages. */
  async #readRoom(roomId: string, onPage: (page: FeedPage) => void): Promise<void> {
    const { requests } = this.options;
    const { ownJid, mucService } = requests.options;
    let page: number | undefined = 0;
    while (page !== undefined) {
      const iq = buildFeedRoom(ownJid, mucService, roomId, page);
      page = await requests.ask(iq, (reply) => {
        const answer = expectParsed(parseFeedPage(reply), 'a page of a room');
        onPage(answer);
        return answer.nextPage;
      });
    }
  }

  /** Asks now and then for the sender's place; fails when something was missed. */
  async #watch(signal: AbortSignal): Promise<void> {
    const { requests } = this.options;
    const { ownJid, mucService } = requests.options;
    const missed = this.#missed.signal;
    while (!signal.aborted) {
      await delay(STATUS_INTERVAL_MS, signal, missed);
      if (signal.aborted) return;
      if (missed.aborted) throw missedPart();
      await requests.ask(buildFeedStatus(ownJid, mucService), (reply) => {
        const status = expectParsed(parseFeedStatus(reply), 'a status');
        if (!status.isListening) throw missedPart('the server has forgotten the subscription');
        this.#expectPlace(status);
      });
    }
  }

  /** Answers stand in order among the batches: the sender's place there must be ours. */
  #expectPlace({ life, number }: FeedPlace): void {
    if (
      this.#missed.signal.aborted ||
      life !== this.#place?.life ||
      number !== this.#place.number
    ) {
      throw missedPart();
    }
  }

  #takeAll(rooms: readonly FeedRoom[]): void {
    for (const room of rooms) {
      if (room.kind === 'first' && room.hasTracker) this.#ghosts.leave(room.roomId);
      this.#rooms?.take(room);
    }
  }
}

/** The condition with which a service says that it has no feed, or none for us. */
function refusalOf(error: unknown): string | undefined {
  if (!hasCode(error, 'stanza-error') || error.condition === undefined) return undefined;
  const refusals = ['service-unavailable', 'feature-not-implemented', 'forbidden'];
  return refusals.includes(error.condition) ? error.condition : undefined;
}
