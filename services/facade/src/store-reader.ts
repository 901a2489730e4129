/**
 * Keeps the picture of one MUC service as its store has it: a snapshot, then every change, and a
 * snapshot again whenever the thread is lost. What was once whole stays on show until a whole
 * picture can take its place; the reader only says since when it is no longer followed.
 */
import { ConferenceError, hasCode, RoomMap, type RoomRow } from '@conference/muc';
import type { ChangeBatch, Picture, RoomStore, Snapshot } from '@conference/room-store';
import { backoffDelayMs, delay, type Logger, Slices } from '@conference/service-runtime';
import type { RoomLists } from './room-lists.js';

const RETRY = { initialMs: 100, maximumMs: 500 };

/** Following for this long, or any change at all, proves the store well again. */
const STABLE_MS = 10_000;

export interface StoreReaderOptions {
  readonly store: RoomStore;
  readonly lists: Pick<RoomLists, 'replaceService' | 'apply'>;
  readonly logger: Logger;
  /** Called when changes became visible. @param observedAtMs when the tracker saw the first */
  readonly onVisible: (observedAtMs: number) => void;
  /** Called with every entry of the change stream: whoever wrote it is alive. */
  readonly onEntry: () => void;
  /** The time in ms since 1970. */
  readonly now: () => number;
}

export class StoreReader {
  #hasPicture = false;
  /** When the tracker stopped following the MUC service, as the store tells. */
  #staleSinceMs: number | undefined;
  /** Since when the tracker follows the MUC service, as the store tells; ISO 8601. */
  #followedSince: string | undefined;
  /** When the reader stopped following the store. */
  #lostSinceMs: number | undefined;
  #storeProblem: string | undefined = 'not read yet';
  /** The last one that was logged. */
  #loggedProblem: string | undefined;
  /** The rows of a picture that is not whole yet; undefined while changes go to the lists. */
  #pending: RoomMap<RoomRow> | undefined;
  /** The rooms of which the store holds no row that can be read, until they are written again. */
  #malformed = new Set<string>();
  #picture: Picture = { state: 'loading' };
  #failures = 0;
  #followedSinceMs: number | undefined;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(private readonly options: StoreReaderOptions) {}

  get mucService(): string {
    return this.options.store.mucService;
  }

  /** Whether a whole picture was ever shown. */
  get hasPicture(): boolean {
    return this.#hasPicture;
  }

  /** Why the store cannot be read, as a sentence; undefined while it can. */
  get storeProblem(): string | undefined {
    return (
      this.#storeProblem ??
      (this.#malformed.size === 0
        ? undefined
        : 'it holds rows that are none, until they are written again')
    );
  }

  /** Since when the picture is not followed, in ms since 1970; undefined while it is. */
  get staleSinceMs(): number | undefined {
    return earliest(this.#staleSinceMs, this.#lostSinceMs);
  }

  /**
   * Since when the tracker follows the MUC service without interruption, ISO 8601; undefined while
   * it does not, or where that is not told. What the store told last, even if it is lost.
   */
  get followedSince(): string | undefined {
    return this.#followedSince;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#readAndFollow(signal);
      } catch (error) {
        await this.#waitAfter(error, signal);
      }
    }
  }

  async #readAndFollow(signal: AbortSignal): Promise<void> {
    const { store, logger } = this.options;
    const snapshot = await store.readSnapshot();
    this.#storeProblem = undefined;
    await this.#begin(snapshot);
    logger.info(
      { rooms: snapshot.rows.length, picture: snapshot.picture.state },
      'the rooms were read from the store',
    );
    this.#followedSinceMs = this.options.now();
    const slices = new Slices();
    for await (const batch of store.follow(snapshot.cursor, signal)) {
      this.#failures = 0;
      this.options.onEntry();
      await this.#take(batch);
      // A reader that fell behind gets many at once.
      await slices.pause();
    }
    if (!signal.aborted) {
      throw new ConferenceError('cursor-lost', 'the store ended its stream of changes');
    }
  }

  /** The first wait after a lost place is none: the store is there, only a snapshot is due. */
  async #waitAfter(error: unknown, signal: AbortSignal): Promise<void> {
    const { logger, now } = this.options;
    this.#lostSinceMs ??= now();
    if (now() - (this.#followedSinceMs ?? now()) > STABLE_MS) {
      this.#failures = 0;
    }
    this.#followedSinceMs = undefined;
    const isLostPlace = hasCode(error, 'cursor-lost');
    if (isLostPlace) {
      logger.info({ err: error }, 'the place in the changes is gone; reading everything again');
    } else {
      const reason = error instanceof ConferenceError ? error.message : 'an unexpected failure';
      // An outage is tried again twice a second, and said once.
      const isNews = this.#failures === 0 || reason !== this.#loggedProblem;
      logger[isNews ? 'warn' : 'debug']({ err: error }, 'the store cannot be read; trying again');
      this.#loggedProblem = reason;
      this.#storeProblem = reason;
    }
    if (!isLostPlace || this.#failures > 0) {
      await delay(backoffDelayMs(this.#failures, RETRY, Math.random()), signal);
    }
    this.#failures += 1;
  }

  async #begin(snapshot: Snapshot): Promise<void> {
    const slices = new Slices();
    const pending = new RoomMap<RoomRow>();
    for (const row of snapshot.rows) {
      pending.set(row.roomId, row);
      await slices.pause();
    }
    this.#pending = pending;
    this.#malformed = new Set(snapshot.malformed);
    await this.#lookAt(snapshot.picture);
  }

  async #take(batch: ChangeBatch): Promise<void> {
    let { picture } = batch;
    if (this.#pending) {
      const wasMalformed = this.#malformed.size > 0;
      for (const roomId of batch.roomIdsRemoved) {
        this.#pending.delete(roomId);
        this.#malformed.delete(roomId);
      }
      for (const row of batch.rowsPut) {
        this.#pending.set(row.roomId, row);
        this.#malformed.delete(row.roomId);
      }
      // With the last of these the rows are all that the picture, told before, speaks of.
      if (wasMalformed) picture ??= this.#picture;
    } else {
      await this.options.lists.apply(this.mucService, batch.rowsPut, batch.roomIdsRemoved);
      if (batch.observedAtMs !== undefined) {
        this.options.onVisible(batch.observedAtMs);
      }
    }
    if (picture) {
      await this.#lookAt(picture);
    }
  }

  async #lookAt(picture: Picture): Promise<void> {
    this.#picture = picture;
    if (picture.state === 'loading' || this.#malformed.size > 0) {
      if (!this.#pending) {
        throw new ConferenceError('cursor-lost', 'the picture is being made anew');
      }
      this.#lostSinceMs ??= this.options.now();
      return;
    }
    if (this.#pending) {
      await this.options.lists.replaceService(this.mucService, this.#pending);
      this.#pending = undefined;
      this.#hasPicture = true;
    }
    this.#lostSinceMs = undefined;
    // Not later than it was learnt, though the tracker's clock be ahead.
    this.#staleSinceMs =
      picture.state === 'stale'
        ? Math.min(Date.parse(picture.since), this.options.now())
        : undefined;
    this.#followedSince = picture.state === 'live' ? picture.since : undefined;
  }
}

/** The earliest of some instants, any of which may be absent. */
export function earliest(...instantsMs: readonly (number | undefined)[]): number | undefined {
  const known = instantsMs.filter((instantMs) => instantMs !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
