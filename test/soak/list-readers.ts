/**
 * Who asks for the list all the time: somebody who holds it and asks whether it changed, somebody
 * who does not, and one who waits for a mark to come into it.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { ChatClient } from '../support/chat-client.js';
import { xml } from '../support/client-session.js';
import { eventually } from '../support/eventually.js';
import type { Stack } from '../support/stack.js';

const PATH = '/v1/conference.json';
const CONDITIONAL_PACE_MS = 200;
const PLAIN_PACE_MS = 500;
/** Between two looks for a mark, in ms. */
const LOOK_MS = 5;

export class ListReaders {
  /** Answers to the two who ask all the time. */
  answers = 0;
  #isOver = false;
  readonly #heldBy = new Map<string, { readonly etag: string; readonly body: string }>();
  #marks = 0;

  constructor(private readonly stack: Stack) {}

  /** The two ask until `stop`; fails where an answer is no list. */
  async run(): Promise<void> {
    await Promise.all([
      this.#goOn(CONDITIONAL_PACE_MS, () => this.#readHeld('reader')),
      this.#goOn(PLAIN_PACE_MS, () => this.#read({ 'accept-encoding': 'identity' })),
    ]);
  }

  stop(): void {
    this.#isOver = true;
  }

  /**
   * Somebody sets a subject: how long it takes from the client's sending until the list shows it,
   * in ms. What people were told is forgotten.
   */
  async measureLag(client: ChatClient, roomJid: string): Promise<number> {
    const mark = `mark ${(this.#marks += 1)}`;
    const sentAtMs = performance.now();
    await client.session.send(
      xml('message', { to: roomJid, type: 'groupchat' }, xml('subject', {}, mark)),
    );
    await eventually(
      () => this.#readHeld('witness'),
      (body) => body.includes(`"subject":"${mark}"`),
      { timeoutMs: 30_000, intervalMs: LOOK_MS, what: `${mark} in the list` },
    );
    const lagMs = performance.now() - sentAtMs;
    client.session.received.length = 0;
    return lagMs;
  }

  async #goOn(paceMs: number, ask: () => Promise<unknown>): Promise<void> {
    while (!this.#isOver) {
      await ask();
      this.answers += 1;
      await wait(paceMs);
    }
  }

  /** The list as that reader holds it, after it asked whether it still is. */
  async #readHeld(reader: string): Promise<string> {
    const held = this.#heldBy.get(reader);
    const response = await this.#read(held === undefined ? {} : { 'if-none-match': held.etag });
    if (response.status === 304 && held !== undefined) return held.body;
    this.#heldBy.set(reader, { etag: response.etag, body: response.body });
    return response.body;
  }

  async #read(
    headers: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly etag: string; readonly body: string }> {
    const response = await this.stack.fetch(PATH, this.stack.url, headers);
    const body = await response.text();
    if (response.status !== 200 && response.status !== 304) {
      throw new Error(`${response.status} in place of the list: ${body}`);
    }
    return { status: response.status, etag: response.headers.get('etag') ?? '', body };
  }
}
