/** Asks one facade for the list again and again; every answer counts. */
import { setTimeout as wait } from 'node:timers/promises';
import type { RoomRow } from '@conference/muc';

/** One answer, with its times in ms by `performance.now()`. */
export interface SeenList {
  readonly askedAtMs: number;
  readonly seenAtMs: number;
  /** 0 where nobody answered. */
  readonly status: number;
  readonly rows: ReadonlyMap<string, RoomRow>;
  readonly etag: string | null;
  /** Since when the list is stale; null while it is live. */
  readonly staleSince: string | null;
}

export class ListWatch {
  /** Between an answer and the next question, in ms. */
  paceMs = 25;
  #seen: SeenList[] = [];
  #isOver = false;
  readonly #watching: Promise<void>;
  /** Rows are kept once for each state of the list. */
  #rows: { readonly etag: string | null; readonly rows: ReadonlyMap<string, RoomRow> } = {
    etag: null,
    rows: new Map(),
  };

  /** @param ask asks for the list */
  constructor(private readonly ask: () => Promise<Response>) {
    this.#watching = this.#watch();
  }

  /** All answers since the beginning or `forget`, oldest first. */
  get seen(): readonly SeenList[] {
    return this.#seen;
  }

  /** The newest answer; undefined before the first. */
  get last(): SeenList | undefined {
    return this.#seen.at(-1);
  }

  forget(): void {
    this.#seen = [];
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#watching;
  }

  async #watch(): Promise<void> {
    while (!this.#isOver) {
      this.#seen.push(await this.#look());
      await wait(this.paceMs);
    }
  }

  async #look(): Promise<SeenList> {
    const askedAtMs = performance.now();
    try {
      const response = await this.ask();
      const text = await response.text();
      const etag = response.headers.get('etag');
      if (etag === null || etag !== this.#rows.etag) this.#rows = { etag, rows: readRows(text) };
      return {
        askedAtMs,
        seenAtMs: performance.now(),
        status: response.status,
        rows: this.#rows.rows,
        etag,
        staleSince: response.headers.get('conference-stale-since'),
      };
    } catch {
      const seenAtMs = performance.now();
      return { askedAtMs, seenAtMs, status: 0, rows: new Map(), etag: null, staleSince: null };
    }
  }
}

function readRows(text: string): ReadonlyMap<string, RoomRow> {
  const { data } = JSON.parse(text) as { data: { rooms?: RoomRow[] } };
  return new Map((data.rooms ?? []).map((row) => [row.roomId, row]));
}
