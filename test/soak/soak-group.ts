/**
 * A group of people in rooms of their own, where random things happen without end. Every few
 * operations the oldest room is destroyed and one of a new name takes its place, and a new JID the
 * place of an old one, so that whatever is kept by name and never forgotten grows.
 */
import { bareJid } from '@conference/muc';
import { Traffic } from '../faults/traffic.js';
import { type ChatClient, StanzaFailure } from '../support/chat-client.js';
import type { Stack } from '../support/stack.js';

export interface SoakGroupOptions {
  readonly stack: Stack;
  /** The group's number, which is that of its owner's account too. */
  readonly group: number;
  readonly seed: number;
  /** Owns every room; takes no part. */
  readonly judge: ChatClient;
}

const ROOMS_PER_GROUP = 25;
const CLIENTS = 5;
/** Of the JIDs that are given affiliations, those that nobody ever logs in with. */
const ABSENT = 4;
/** Operations between two renewals. */
const TURN = 24;

export class SoakGroup {
  readonly #jids: string[];
  readonly #clients = new Map<number, ChatClient>();
  readonly #roomJids: string[];
  readonly #traffic: Traffic;
  /** Names of all rooms there ever were. */
  readonly roomIds: string[] = [];
  #turns = 0;
  #isOver = false;

  constructor(private readonly options: SoakGroupOptions) {
    const { stack, group, seed } = options;
    this.#roomJids = Array.from({ length: ROOMS_PER_GROUP }, () => stack.roomJid(this.#nameRoom()));
    this.#jids = [
      ...Array.from({ length: ABSENT }, (_, index) => `absent-${group}-${index}@example.org`),
      ...Array.from({ length: CLIENTS - 1 }, (_, index) => `nobody-yet-${index}@example.org`),
      'example.net',
    ];
    this.#traffic = new Traffic({
      seed: seed + group * 1_000_003,
      clients: CLIENTS,
      connect: (client) => this.#connect(client),
      roomJids: this.#roomJids,
      jids: this.#jids,
      mucService: stack.server.mucService,
    });
  }

  /** Operations done since the beginning. */
  get operations(): number {
    return this.#traffic.count;
  }

  /** Between two operations, in ms. */
  set paceMs(paceMs: number) {
    this.#traffic.paceMs = paceMs;
  }

  /** Goes on until `stop`; then everything that was sent has been done. */
  async run(): Promise<void> {
    while (!this.#isOver) {
      this.#traffic.resume();
      await this.#traffic.go(TURN);
      await this.#traffic.pause();
      await this.#renew();
    }
  }

  stop(): void {
    this.#isOver = true;
  }

  /** The first is somebody with an account, the others somebody new each time. */
  async #connect(client: number): Promise<ChatClient> {
    const { stack, group } = this.options;
    const connected = await stack.connect(client === 0 ? group : undefined);
    this.#clients.set(client, connected);
    if (client > 0) this.#jids[ABSENT + client - 1] = bareJid(connected.jid);
    return connected;
  }

  async #renew(): Promise<void> {
    const { stack, group, judge } = this.options;
    const slot = this.#turns % ROOMS_PER_GROUP;
    const old = this.#roomJids[slot];
    this.#turns += 1;
    this.#roomJids[slot] = stack.roomJid(this.#nameRoom());
    this.#jids[this.#turns % ABSENT] = `absent-${group}-${ABSENT + this.#turns}@example.org`;
    if (old !== undefined) await destroyIfThere(judge, old);
    // What people were told would fill our own memory.
    for (const { session } of [judge, ...this.#clients.values()]) session.received.length = 0;
  }

  #nameRoom(): string {
    const roomId = `soak-${this.options.group}-${this.roomIds.length}|sit\u00e9`;
    this.roomIds.push(roomId);
    return roomId;
  }
}

/** Most rooms are temporary, and may have ended by themselves. */
async function destroyIfThere(judge: ChatClient, roomJid: string): Promise<void> {
  try {
    await judge.destroy(roomJid);
  } catch (error) {
    if (!(error instanceof StanzaFailure) || error.condition !== 'item-not-found') throw error;
  }
}
