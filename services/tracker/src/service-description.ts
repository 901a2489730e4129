/**
 * What is known of a MUC service itself: its software, asked anew with each connection, and how
 * it is followed. What was known before an interruption stays until something else is learnt.
 */
import type { FollowingKind, ServerSoftware, ServiceCapabilities } from '@conference/muc';
import { backoffDelayMs, delay } from '@conference/service-runtime';
import type { Logger } from '@conference/service-runtime';
import type { FeedKind } from './chosen-feed.js';
import { fieldSourcesOf } from './field-sources.js';

export interface ServiceDescriptionOptions {
  /** Asks for the software; undefined where nobody tells. */
  readonly findSoftware: () => Promise<ServerSoftware | undefined>;
  readonly logger: Logger;
  readonly random: () => number;
}

const RETRY = { initialMs: 1_000, maximumMs: 60_000 };
const KINDS: Readonly<Record<FeedKind, FollowingKind>> = { join: 'joined', feed: 'fed' };

export class ServiceDescription {
  #software: ServerSoftware | undefined;
  #following: FollowingKind | undefined;
  #end = new AbortController();

  constructor(private readonly options: ServiceDescriptionOptions) {}

  onOnline(): void {
    this.#end.abort();
    this.#end = new AbortController();
    void this.#learn(this.#end.signal);
  }

  onOffline(): void {
    this.#end.abort();
  }

  /**
   * What is known; undefined before it is decided how the service is followed.
   * @param kind how it is followed now; undefined while that is not decided
   * @param isMaxUsersTold whether the server shows the maximum of users of any room
   */
  describe(kind: FeedKind | undefined, isMaxUsersTold: boolean): ServiceCapabilities | undefined {
    if (kind !== undefined) this.#following = KINDS[kind];
    const following = this.#following;
    if (following === undefined) return undefined;
    return {
      ...(this.#software === undefined ? {} : { software: this.#software }),
      following,
      fields: fieldSourcesOf(following, isMaxUsersTold),
    };
  }

  async #learn(signal: AbortSignal): Promise<void> {
    const { findSoftware, logger, random } = this.options;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        const software = await findSoftware();
        if (signal.aborted) return;
        this.#software = software;
        logger.info({ software }, 'the software of the service');
        return;
      } catch (err) {
        if (signal.aborted) return;
        logger.debug({ err }, 'asking for the software failed; trying again');
        await delay(backoffDelayMs(attempt, RETRY, random()), signal);
      }
    }
  }
}
