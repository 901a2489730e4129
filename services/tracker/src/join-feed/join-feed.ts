/**
 * Follows the rooms of a MUC service by being in each of them: plain XEP-0045, any server.
 * One session for each connection; nothing of an older one counts.
 */
import { parseRoomMessage, parseRoomPresence } from '@conference/muc-stanza';
import type { Element } from 'ltx';
import type { RoomFeed, RoomPart } from '../room-feed.js';
import { JoinSession } from './join-session.js';
import type { JoinOptions } from './join-options.js';

export class JoinFeed implements RoomFeed {
  #session: JoinSession | undefined;

  constructor(private readonly options: JoinOptions) {}

  onOnline(): void {
    this.#session?.abort();
    const session = new JoinSession(this.options);
    this.#session = session;
    void session.run();
  }

  onOffline(): void {
    this.#session?.abort();
    this.#session = undefined;
  }

  onStanza(stanza: Element): void {
    const session = this.#session;
    if (session === undefined) return;
    if (stanza.name === 'presence') {
      const presence = parseRoomPresence(stanza);
      if (presence !== undefined) session.handlePresence(presence);
    } else if (stanza.name === 'message') {
      const message = parseRoomMessage(stanza);
      if (message !== undefined) session.handleMessage(message);
    }
  }

  async inspect(roomId: string, onPart: (part: RoomPart) => void): Promise<void> {
    await this.#session?.inspect(roomId, onPart);
  }

  async readAgain(roomId: string): Promise<void> {
    await this.#session?.readAgain(roomId);
  }

  async stop(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.leave();
  }
}
