/** One end of the feed protocol, without a tracker: what stands on the wire, stanza by stanza. */
import {
  buildFeedRoom,
  buildFeedSnapshot,
  buildFeedSubscribe,
  parseFeedBatch,
  parseFeedPage,
  parseFeedSubscribed,
} from '@conference/muc-stanza';
import type { FeedBatch, FeedPage, FeedPlace, FeedRoom } from '@conference/muc-stanza';
import type { Element } from 'ltx';
import { createComponentConnection } from '../../services/tracker/src/component-connection.js';
import type { XmppConnection } from '../../services/tracker/src/xmpp-connection.js';
import type { ProsodyServer } from '../servers/prosody.js';
import { eventually } from './eventually.js';
import { createSilentLogger } from '@conference/service-runtime';

/** What arrived, in the order of the stream. */
export type Told =
  | ({ readonly kind: 'batch'; readonly bytes: number } & FeedBatch)
  | ({ readonly kind: 'page'; readonly bytes: number } & FeedPage);

/** Connects as the tracker's component. */
export async function openRawFeed(prosody: ProsodyServer): Promise<RawFeed> {
  const feed = new RawFeed(prosody);
  feed.connection.start();
  await eventually(() => feed.connection.status.state === 'online', Boolean, {
    what: 'the component to be online',
  });
  return feed;
}

export class RawFeed {
  readonly ownJid: string;
  readonly connection: XmppConnection;
  readonly told: Told[] = [];

  constructor(private readonly prosody: ProsodyServer) {
    this.ownJid = `${prosody.trackerDomain}/raw`;
    this.connection = createComponentConnection({
      host: prosody.host,
      port: prosody.ports.component,
      domain: prosody.trackerDomain,
      secret: prosody.componentSecret,
      logger: createSilentLogger(),
      listener: {
        onOnline: () => undefined,
        onOffline: () => undefined,
        onStanza: (stanza) => this.#take(stanza),
      },
    });
  }

  /** Sends an IQ and reads the answer at its place in the stream. */
  ask<T>(iq: Element, onReply: (reply: Element) => T): Promise<T> {
    return this.connection.request(iq, { timeoutMs: 10_000, onReply });
  }

  async subscribe(): Promise<FeedPlace> {
    const iq = buildFeedSubscribe(this.ownJid, this.prosody.mucService);
    const place = await this.ask(iq, parseFeedSubscribed);
    if (place === undefined) throw new Error('the subscription was not answered');
    return place;
  }

  /** Asks for one page of the snapshot. */
  async readPage(number: number): Promise<FeedPage> {
    return this.#readPage(buildFeedSnapshot(this.ownJid, this.prosody.mucService, number));
  }

  /** Asks for one page of one room. */
  async readRoomPage(roomId: string, number: number): Promise<FeedPage> {
    return this.#readPage(buildFeedRoom(this.ownJid, this.prosody.mucService, roomId, number));
  }

  async #readPage(iq: Element): Promise<FeedPage> {
    return this.ask(iq, (reply) => {
      const page = parseFeedPage(reply);
      if (page === undefined) throw new Error(`no page: ${reply.toString()}`);
      this.told.push({ kind: 'page', bytes: sizeOf(reply), ...page });
      return page;
    });
  }

  async readSnapshot(): Promise<void> {
    let next: number | undefined = 0;
    while (next !== undefined) next = (await this.readPage(next)).nextPage;
  }

  /** Everything that was told of a room, in order. */
  toldOf(roomId: string): FeedRoom[] {
    return this.told.flatMap(({ rooms }) => rooms).filter((room) => room.roomId === roomId);
  }

  #take(stanza: Element): void {
    const batch = stanza.name === 'message' ? parseFeedBatch(stanza) : undefined;
    if (batch !== undefined) this.told.push({ kind: 'batch', bytes: sizeOf(stanza), ...batch });
  }
}

function sizeOf(stanza: Element): number {
  return Buffer.byteLength(stanza.toString());
}
