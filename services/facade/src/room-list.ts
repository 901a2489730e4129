/**
 * One list: its rooms in the order in which they are served, and the bytes of that. A change
 * touches the chunk that it falls in; the bytes of changed chunks are made when somebody asks, and
 * compressed when somebody asks for that.
 */
import { ROOM_LIST_FRAME } from '@conference/rest-contract';
import { Slices } from '@conference/service-runtime';
import { BodyPart } from './body-part.js';
import { ListChunk, type ListChunks } from './list-chunks.js';
import { ListVersion } from './list-version.js';
import { ShareNext } from './share-next.js';

/** So many rows are made into bytes at once; more in slices. */
const MAX_ROWS_AT_ONCE = 4096;

const EMPTY = new ListChunk([], true);
const TAIL = new BodyPart(() => ROOM_LIST_FRAME.tail);

export class RoomList {
  #chunks: readonly ListChunk[] = [];
  #version: ListVersion | undefined;
  #isChanged = true;
  #changedAtMs: number;
  readonly #building = new ShareNext(() => this.#build());
  readonly #compressing = new ShareNext(() => this.#compress());

  /** @param now the time in ms since 1970 */
  constructor(private readonly now: () => number) {
    this.#changedAtMs = now();
  }

  get isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  /** The rooms as they are now. */
  get chunks(): readonly ListChunk[] {
    return this.#chunks;
  }

  /** Takes other rooms, all in one step. */
  take({ chunks }: Pick<ListChunks, 'chunks'>): void {
    const before = this.#chunks;
    if (chunks.length !== before.length || chunks.some((chunk, at) => chunk !== before[at])) {
      this.#chunks = chunks;
      this.#isChanged = true;
      this.#changedAtMs = this.now();
    }
  }

  /**
   * The list as it is now; the same object until it says something else. Undefined where so much
   * has changed that making the bytes would stall others: `current` then makes them in slices.
   */
  ready(): ListVersion | undefined {
    if (this.#isChanged) {
      let rows = 0;
      for (const chunk of this.#chunks) {
        rows += chunk.isRendered ? 0 : chunk.entries.length;
      }
      if (rows > MAX_ROWS_AT_ONCE) {
        return undefined;
      }
      this.#adopt(versionOf(this.#chunks, this.#changedAtMs));
    }
    return this.#version;
  }

  /** The list as it is now, or was at a moment after the call. */
  async current(): Promise<ListVersion> {
    return this.ready() ?? this.#building.run();
  }

  /** A version that has its compressed form: of now, or of a moment after the call. */
  compressed(): Promise<ListVersion> {
    return this.#compressing.run();
  }

  async #build(): Promise<ListVersion> {
    const chunks = this.#chunks;
    const changedAtMs = this.#changedAtMs;
    const slices = new Slices();
    for (const chunk of chunks) {
      if (!chunk.isRendered) {
        chunk.render();
        const pause = slices.pause();
        if (pause) {
          await pause;
        }
      }
    }
    const version = versionOf(chunks, changedAtMs);
    return chunks === this.#chunks ? this.#adopt(version) : version;
  }

  async #compress(): Promise<ListVersion> {
    const version = await this.current();
    await version.compress();
    return version;
  }

  /** Takes a version for that of now, unless the last one says the same. */
  #adopt(version: ListVersion): ListVersion {
    this.#isChanged = false;
    if (this.#version?.plain.etag === version.plain.etag) {
      return this.#version;
    }
    this.#version = version;
    return version;
  }
}

function versionOf(chunks: readonly ListChunk[], changedAtMs: number): ListVersion {
  return new ListVersion([...(chunks.length > 0 ? chunks : [EMPTY]), TAIL], changedAtMs);
}
