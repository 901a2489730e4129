/**
 * Chooses how a MUC service is followed, anew with each connection: by its own feed where it
 * announces one, by joining its rooms where not, or as a setting demands.
 */
import { delay } from '@conference/service-runtime';
import type { Logger } from '@conference/service-runtime';
import { NS } from '@conference/muc-stanza';
import type { Element } from 'ltx';
import { troubleOf } from './room-feed.js';
import type { RoomFeed, RoomFeedListener, RoomPart } from './room-feed.js';
import type { RoomRequests } from './room-requests.js';

/** How a service is followed. */
export type FeedKind = 'join' | 'feed';

export interface ChosenFeedOptions {
  readonly demanded: FeedKind | 'auto';
  readonly requests: RoomRequests;
  /** Makes the feed of a kind; it calls `onUnavailable` when the service refuses it as such. */
  readonly create: (kind: FeedKind, onUnavailable: (condition: string) => void) => RoomFeed;
  /** Told why it is not decided yet, and that what a feed said no longer counts. */
  readonly listener: Pick<RoomFeedListener, 'onTrouble'>;
  readonly logger: Logger;
}

const RETRY_MS = 1_000;

export class ChosenFeed implements RoomFeed {
  #feed: RoomFeed | undefined;
  #kind: FeedKind | undefined;
  #end = new AbortController();

  constructor(private readonly options: ChosenFeedOptions) {}

  /** How the service is followed now; undefined while that is not decided. */
  get kind(): FeedKind | undefined {
    return this.#kind;
  }

  onOnline(): void {
    this.onOffline();
    this.#end = new AbortController();
    void this.#begin(this.#end.signal);
  }

  onOffline(): void {
    this.#end.abort();
    this.#feed?.onOffline();
    this.#feed = undefined;
    this.#kind = undefined;
  }

  onStanza(stanza: Element): void {
    this.#feed?.onStanza(stanza);
  }

  async inspect(roomId: string, onPart: (part: RoomPart) => void): Promise<void> {
    await this.#feed?.inspect(roomId, onPart);
  }

  async readAgain(roomId: string): Promise<void> {
    await this.#feed?.readAgain(roomId);
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.#feed?.stop();
  }

  async #begin(signal: AbortSignal, refusal?: string): Promise<void> {
    // A feed that is there for another component only is none for us.
    const isOthers = refusal === 'forbidden' && this.options.demanded === 'auto';
    const kind = isOthers ? 'join' : await this.#choose(signal);
    if (kind === undefined || signal.aborted) return;
    const { create, listener, logger } = this.options;
    // What was said of the feed is no trouble of joining.
    if (kind === 'join' && refusal !== undefined) listener.onTrouble(undefined);
    logger.info({ kind }, kind === 'feed' ? 'following by the feed' : 'following by joining');
    this.#kind = kind;
    this.#feed = create(kind, (condition) => void this.#chooseAgain(signal, condition));
    this.#feed.onOnline();
  }

  async #chooseAgain(signal: AbortSignal, refusal: string): Promise<void> {
    await delay(RETRY_MS, signal);
    if (signal.aborted) return;
    this.onOffline();
    this.#end = new AbortController();
    await this.#begin(this.#end.signal, refusal);
  }

  /** undefined when the connection ended first. */
  async #choose(signal: AbortSignal): Promise<FeedKind | undefined> {
    const { demanded, requests, listener, logger } = this.options;
    if (demanded !== 'auto') return demanded;
    while (!signal.aborted) {
      try {
        const { features } = await requests.serviceInfo();
        return features.has(NS.FEED) ? 'feed' : 'join';
      } catch (err) {
        if (signal.aborted) return undefined;
        listener.onTrouble(troubleOf(err));
        logger.warn({ err }, 'asking the service for its features failed; trying again');
        await delay(RETRY_MS, signal);
      }
    }
    return undefined;
  }
}
