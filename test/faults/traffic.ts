/**
 * What people do in rooms while faults strike: the model test's random operations, one after
 * another without end, by people who come back whenever their server does. The same seed does the
 * same things in the same order.
 */
import { setTimeout as wait } from 'node:timers/promises';
import * as fc from 'fast-check';
import { type Operation, operations, stanzaOf } from '../model/room-operations.js';
import type { ChatClient } from '../support/chat-client.js';
import { eventually } from '../support/eventually.js';

export interface TrafficOptions {
  readonly seed: number;
  /** How many clients take part. */
  readonly clients: number;
  /** Logs the client with this number in. */
  readonly connect: (client: number) => Promise<ChatClient>;
  /** May be changed while it rests, and so may `jids`; how many they are stays. */
  readonly roomJids: readonly string[];
  /** Bare JIDs and domains that are given affiliations. */
  readonly jids: readonly string[];
  /** Asked for its features, to know that everything sent before was done. */
  readonly mucService: string;
}

/** Between two attempts to log in while the server is away, in ms. */
const RETRY_MS = 100;
/** So many operations are sent before an answer is waited for: nobody talks to a server that hangs. */
const OPERATIONS_UNANSWERED = 4;

export class Traffic {
  /** Operations done since the beginning. */
  count = 0;
  /** Between two operations, in ms. */
  paceMs = 15;
  readonly #clients: (ChatClient | undefined)[] = [];
  readonly #operations: Generator<Operation, never>;
  #isPaused = true;
  #running: Promise<void> = Promise.resolve();

  constructor(private readonly options: TrafficOptions) {
    this.#operations = listOperations(options);
  }

  /** Goes on. */
  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#running = this.#run();
  }

  /** Waits until so many more operations have been sent. */
  async go(count: number): Promise<void> {
    const enough = this.count + count;
    await eventually(() => this.count >= enough, Boolean, { timeoutMs: 20_000, what: 'traffic' });
  }

  /** Ends for now. Everything that was sent has been done when it resolves. */
  async pause(): Promise<void> {
    this.#isPaused = true;
    await this.#running;
    await Promise.all(this.#clients.map((client, index) => this.#settle(index, client)));
  }

  async #run(): Promise<void> {
    while (!this.#isPaused) {
      const operation = this.#operations.next().value;
      if (await this.#perform(operation)) this.count += 1;
      await wait(this.paceMs);
    }
  }

  /** Whether it could be sent. */
  async #perform({ client: index, room, act }: Operation): Promise<boolean> {
    const client = await this.#online(index);
    const roomJid = this.options.roomJids[room];
    if (client === undefined || roomJid === undefined) return false;
    if (act.kind === 'reconnect') {
      client.abort();
      this.#clients[index] = undefined;
      return true;
    }
    const stanza = stanzaOf(act, roomJid, this.options.jids, this.count);
    if (stanza === undefined) return true;
    try {
      await client.session.send(stanza);
    } catch {
      this.#drop(index, client);
      return false;
    }
    if (this.count % OPERATIONS_UNANSWERED === 0) await this.#settle(index, client);
    return true;
  }

  /** The client, logged in; undefined while the server lets nobody in. */
  async #online(index: number): Promise<ChatClient | undefined> {
    const client = this.#clients[index];
    if (client?.session.isOnline === true) return client;
    try {
      return (this.#clients[index] = await this.options.connect(index));
    } catch {
      await wait(RETRY_MS);
      return undefined;
    }
  }

  async #settle(index: number, client: ChatClient | undefined): Promise<void> {
    if (client?.session.isOnline !== true) return;
    try {
      await client.discoInfo(this.options.mucService);
    } catch {
      this.#drop(index, client);
    }
  }

  #drop(index: number, client: ChatClient): void {
    client.abort();
    this.#clients[index] = undefined;
  }
}

/** Everybody's operations in their order, without end. */
function* listOperations({
  seed,
  clients,
  roomJids,
  jids,
}: TrafficOptions): Generator<Operation, never> {
  for (let part = 0; ; part += 1) {
    const [plan = []] = fc.sample(operations(clients, roomJids.length, jids.length), {
      seed: seed + part,
      numRuns: 1,
    });
    yield* plan;
  }
}
