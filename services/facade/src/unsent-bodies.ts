/**
 * Bodies that clients have not taken whole yet. A client is sent to its end what it was begun with,
 * so that slow clients keep bodies alive that the list has long left behind. Versions share what
 * did not change between them; what only left-behind ones hold is bounded here.
 */
import type { ListBody } from './list-version.js';

/** As much of a response as is needed. */
export interface UnsentResponse {
  /** Bytes that the client has not taken yet. */
  readonly writableLength: number;
  once(event: 'close', listener: () => void): unknown;
  destroy(): unknown;
}

/** A body that somebody still takes, between its neighbours among the bodies of the same list. */
interface HeldBody {
  readonly body: ListBody;
  readonly listName: string;
  readonly responses: Set<UnsentResponse>;
  older: HeldBody | undefined;
  newer: HeldBody | undefined;
  /** Bytes that the next newer one does not share; 0 for the newest. */
  ownBytes: number;
}

export class UnsentBodies {
  /** The one that was begun first comes first. */
  readonly #held = new Map<ListBody, HeldBody>();
  readonly #newest = new Map<string, HeldBody>();
  #leftBehindBytes = 0;

  /** @param maxLeftBehindBytes how much may be held for nobody but those who take older bodies */
  constructor(private readonly maxLeftBehindBytes: number) {}

  /** What is held only for those who take bodies that are not the newest of their list. */
  get leftBehindBytes(): number {
    return this.#leftBehindBytes;
  }

  /**
   * Watches a response whose body has just been handed over, until the client has taken it. Where
   * too much is held by then, the connections are cut of whoever takes the oldest body.
   * @param listName the same for all bodies of one list in one encoding
   */
  watch(response: UnsentResponse, body: ListBody, listName: string): void {
    if (response.writableLength === 0) {
      return;
    }
    const held = this.#held.get(body) ?? this.#hold(body, listName);
    held.responses.add(response);
    response.once('close', () => this.#letGo(held, response));
  }

  #hold(body: ListBody, listName: string): HeldBody {
    const older = this.#newest.get(listName);
    const held: HeldBody = {
      ...{ body, listName, older, newer: undefined },
      responses: new Set(),
      ownBytes: 0,
    };
    this.#held.set(body, held);
    this.#newest.set(listName, held);
    if (older) {
      older.newer = held;
      this.#weigh(older);
      this.#cutOldest();
    }
    return held;
  }

  #letGo(held: HeldBody, response: UnsentResponse): void {
    const { body, responses, older, newer, listName } = held;
    if (!responses.delete(response) || responses.size > 0) {
      return;
    }
    this.#held.delete(body);
    this.#leftBehindBytes -= held.ownBytes;
    if (newer) {
      newer.older = older;
    } else if (older) {
      this.#newest.set(listName, older);
    } else {
      this.#newest.delete(listName);
    }
    if (older) {
      older.newer = newer;
      this.#weigh(older);
    }
  }

  /** Takes anew what a body does not share with the next. */
  #weigh(held: HeldBody): void {
    this.#leftBehindBytes -= held.ownBytes;
    held.ownBytes = held.newer ? countOwnBytes(held.body, held.newer.body) : 0;
    this.#leftBehindBytes += held.ownBytes;
  }

  #cutOldest(): void {
    for (const held of this.#held.values()) {
      if (this.#leftBehindBytes <= this.maxLeftBehindBytes) {
        return;
      }
      if (held.ownBytes > 0) {
        for (const response of held.responses) {
          response.destroy();
          this.#letGo(held, response);
        }
      }
    }
  }
}

function countOwnBytes(body: ListBody, newer: ListBody): number {
  const shared = new Set(newer.buffers);
  let byteCount = 0;
  for (const buffer of body.buffers) {
    byteCount += shared.has(buffer) ? 0 : buffer.length;
  }
  return byteCount;
}
