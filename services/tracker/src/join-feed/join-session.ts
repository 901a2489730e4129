/**
 * The rooms of one MUC service during one connection: finds them, reads them, follows them, looks
 * for new and vanished ones. Ends with the connection; the next begins from nothing.
 */
import { setMaxListeners } from 'node:events';
import { hasCode } from '@conference/muc';
import { backoffDelayMs, delay } from '@conference/service-runtime';
import type { RoomMessage, RoomPresence } from '@conference/muc-stanza';
import type { RoomPart } from '../room-feed.js';
import type { JoinOptions } from './join-options.js';
import { troubleOf } from '../room-feed.js';
import { FollowedRooms } from './followed-rooms.js';
import { checkMucService } from './service-check.js';
import { createRoomLister, hasListingCommand } from './room-listing.js';
import type { RoomLister } from './room-listing.js';
import type { ServiceSight } from './shared-nicks.js';

/** Polling may take this part of the time at most. */
const POLLING_SHARE = 0.1;
const LISTING_RETRY = { initialMs: 250, maximumMs: 10_000 };
const PROGRESS_INTERVAL_MS = 5_000;
const RIGHTS_RETRY_MS = 5_000;
/** Of so many listings the quickest tells how much time listing takes. */
const LISTINGS_REMEMBERED = 5;

export class JoinSession {
  readonly #end = new AbortController();
  readonly #rooms: FollowedRooms;
  readonly #sight: ServiceSight = { showsEverySession: false };
  #tellAllRead: () => void = () => undefined;
  readonly #allRead = new Promise<void>((resolve) => {
    this.#tellAllRead = resolve;
  });
  #hasListed = false;

  constructor(private readonly options: JoinOptions) {
    // Every room may wait for something that the end of the session cuts short.
    setMaxListeners(0, this.#end.signal);
    this.#rooms = new FollowedRooms({
      ...options,
      signal: this.#end.signal,
      sight: this.#sight,
      allRead: this.#allRead,
    });
  }

  /** Reads everything, then goes on looking; returns when the session ended. Never throws. */
  async run(): Promise<void> {
    const { logger, listener } = this.options;
    const listRooms = await this.#retry('asking how rooms are listed', async () => {
      await checkMucService(this.options.requests);
      const hasCommand = await hasListingCommand(this.options.requests);
      // COMPAT(prosody 0.12): see shared-nicks.
      if (hasCommand) this.#sight.showsEverySession = true;
      return createRoomLister(this.options.requests, hasCommand);
    });
    const roomIds = listRooms && (await this.#retry('listing the rooms', listRooms));
    if (listRooms === undefined || roomIds === undefined) return;
    this.#hasListed = true;
    await this.#readAll(roomIds);
    await this.#waitForRights();
    if (this.#end.signal.aborted) return;
    logger.info({ rooms: roomIds.size }, 'every room has been read');
    listener.onSynchronised();
    this.#tellAllRead();
    await this.#pollForEver(listRooms);
  }

  handlePresence(presence: RoomPresence): void {
    this.#rooms.handlePresence(presence);
  }

  handleMessage(message: RoomMessage): void {
    this.#rooms.handleMessage(message);
  }

  /** As RoomFeed. */
  async inspect(roomId: string, onPart: (part: RoomPart) => void): Promise<void> {
    await this.#rooms.find(roomId)?.inspect(onPart);
  }

  /** As RoomFeed. */
  async readAgain(roomId: string): Promise<void> {
    await this.#rooms.find(roomId)?.readAgain();
  }

  /** The connection is gone: nothing more is told. */
  abort(): void {
    this.#end.abort();
    this.#rooms.endAll();
  }

  /** Leaves every room; for a planned stop. */
  async leave(): Promise<void> {
    this.#end.abort();
    await this.#rooms.leaveAll();
  }

  async #readAll(roomIds: ReadonlySet<string>): Promise<void> {
    const { logger, metrics } = this.options;
    let readCount = 0;
    metrics.setSyncProgress(0, roomIds.size);
    const progress = setInterval(() => {
      logger.info({ read: readCount, of: roomIds.size }, 'reading rooms');
    }, PROGRESS_INTERVAL_MS);
    try {
      await Promise.all(
        [...roomIds].map(async (roomId) => {
          await this.#rooms.follow(roomId);
          readCount += 1;
          metrics.setSyncProgress(readCount, roomIds.size);
        }),
      );
    } finally {
      clearInterval(progress);
    }
  }

  /** While rooms refuse us for want of rights there is no picture: part would pass for the whole. */
  async #waitForRights(): Promise<void> {
    const { signal } = this.#end;
    for (;;) {
      const roomIds = this.#rooms.forbiddenRoomIds;
      this.#rooms.tellTrouble();
      if (roomIds.length === 0 || signal.aborted) return;
      await delay(RIGHTS_RETRY_MS, signal);
      if (!signal.aborted) await this.#readAll(new Set(roomIds));
    }
  }

  async #pollForEver(listRooms: RoomLister): Promise<void> {
    const { discoveryIntervalMs, now } = this.options;
    const { signal } = this.#end;
    let pauseMs = discoveryIntervalMs;
    const recentMs: number[] = [];
    while (!signal.aborted) {
      await delay(pauseMs, signal);
      if (signal.aborted) return;
      let startedMs = now();
      const roomIds = await this.#retry('listing the rooms', () => {
        startedMs = now();
        return listRooms();
      });
      if (roomIds === undefined) return;
      recentMs.push(Math.max(0, now() - startedMs));
      if (recentMs.length > LISTINGS_REMEMBERED) recentMs.shift();
      this.#rooms.compareWithListing(roomIds, startedMs);
      // The quickest of the last: a server that hung for once is no slow server.
      pauseMs = Math.max(discoveryIntervalMs, Math.min(...recentMs) * (1 / POLLING_SHARE - 1));
    }
  }

  /** Repeats until it succeeds; undefined when the session ended first. */
  async #retry<T>(what: string, attempt: () => Promise<T>): Promise<T | undefined> {
    for (let count = 0; !this.#end.signal.aborted; count += 1) {
      try {
        return await attempt();
      } catch (err) {
        if (this.#end.signal.aborted) return undefined;
        // Once there is a list, a listing that fails is only late.
        const isDecisive = !this.#hasListed || hasCode(err, 'xmpp-refused');
        if (isDecisive) this.options.listener.onTrouble(troubleOf(err));
        this.options.logger.warn({ err }, `${what} failed; trying again`);
        await delay(backoffDelayMs(count, LISTING_RETRY, this.options.random()), this.#end.signal);
      }
    }
    return undefined;
  }
}
