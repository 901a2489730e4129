/** A chat client for tests: what people do in rooms, each step awaited until the server did it. */
import { randomUUID } from 'node:crypto';
import type { Element } from 'ltx';
import { ClientSession, type SessionOptions, StanzaFailure, xml } from './client-session.js';
import {
  isSelfPresence,
  occupantOfItem,
  readForm,
  readOccupant,
  type SeenOccupant,
} from './seen-occupant.js';

export { StanzaFailure };
export type { SeenOccupant };

const MUC = 'http://jabber.org/protocol/muc';
const MUC_ADMIN = `${MUC}#admin`;
const MUC_OWNER = `${MUC}#owner`;
const DATA_FORM = 'jabber:x:data';
const DISCO_INFO = 'http://jabber.org/protocol/disco#info';
const DISCO_ITEMS = 'http://jabber.org/protocol/disco#items';

export interface RoomInfo {
  readonly features: readonly string[];
  /** Values of the extended information (XEP-0128) by field. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
}

export class ChatClient {
  readonly #nicks = new Map<string, string>();

  private constructor(readonly session: ClientSession) {}

  /** Logs in and is ready to join rooms. */
  static async connect(options: SessionOptions): Promise<ChatClient> {
    const session = await ClientSession.open(options);
    await session.send(xml('presence'));
    return new ChatClient(session);
  }

  get jid(): string {
    return this.session.jid;
  }

  /** Enters a room (XEP-0045, #enter) and resolves with the self-presence. */
  async join(
    roomJid: string,
    nick: string,
    options: { readonly password?: string } = {},
  ): Promise<SeenOccupant> {
    const presence = await this.session.ask(
      xml(
        'presence',
        { to: `${roomJid}/${nick}` },
        xml(
          'x',
          { xmlns: MUC },
          xml('history', { maxstanzas: '0' }),
          options.password !== undefined && xml('password', {}, options.password),
        ),
      ),
      (stanza) => isSelfPresence(stanza, roomJid) && stanza.attrs['type'] === undefined,
      `the self-presence in ${roomJid}`,
    );
    const self = readOccupant(presence);
    this.#nicks.set(roomJid, self.nick);
    return self;
  }

  /**
   * Leaves a room (XEP-0045, #exit).
   * @param nick the address to which it is told; by an old one a client that changed its nick and
   *   is cut off is told too
   */
  async leave(roomJid: string, nick = this.#nickIn(roomJid)): Promise<void> {
    await this.session.ask(
      xml('presence', { to: `${roomJid}/${nick}`, type: 'unavailable' }),
      (stanza) => isSelfPresence(stanza, roomJid) && stanza.attrs['type'] === 'unavailable',
      `leaving ${roomJid}`,
    );
    this.#nicks.delete(roomJid);
  }

  /** Changes the own nick (XEP-0045, #changenick) and resolves with the new self-presence. */
  async changeNick(roomJid: string, nick: string): Promise<SeenOccupant> {
    const presence = await this.session.ask(
      xml('presence', { to: `${roomJid}/${nick}` }),
      (stanza) =>
        isSelfPresence(stanza, roomJid) &&
        stanza.attrs['type'] === undefined &&
        stanza.attrs['from'] === `${roomJid}/${nick}`,
      `the nick ${nick} in ${roomJid}`,
    );
    this.#nicks.set(roomJid, nick);
    return readOccupant(presence);
  }

  /**
   * Sets the subject (XEP-0045, #subject-mod) and waits until the room tells it. Must differ from
   * the subject that stands: a server need not tell what did not change.
   */
  async setSubject(roomJid: string, subject: string): Promise<void> {
    const from = `${roomJid}/${this.#nickIn(roomJid)}`;
    await this.session.ask(
      xml('message', { to: roomJid, type: 'groupchat' }, xml('subject', {}, subject)),
      (stanza) =>
        stanza.name === 'message' &&
        stanza.attrs['from'] === from &&
        stanza.getChildText('subject') === subject,
      `the subject of ${roomJid}`,
    );
  }

  /** Sends a message to all occupants and waits until the room reflects it. */
  async say(roomJid: string, body: string): Promise<void> {
    const id = randomUUID();
    await this.session.ask(
      xml('message', { to: roomJid, type: 'groupchat', id }, xml('body', {}, body)),
      (stanza) => stanza.name === 'message' && stanza.attrs['id'] === id,
      `the room ${roomJid} to reflect a message`,
    );
  }

  /** Submits some fields of the owner form (XEP-0045, #roomconfig), e.g. `muc#roomconfig_roomname`. */
  async configure(
    roomJid: string,
    fields: Readonly<Record<string, string | readonly string[]>>,
  ): Promise<void> {
    const submitted = Object.entries({ FORM_TYPE: `${MUC}#roomconfig`, ...fields }).map(
      ([name, value]) =>
        xml('field', { var: name }, ...[value].flat().map((text) => xml('value', {}, text))),
    );
    await this.session.request(
      'set',
      roomJid,
      xml(
        'query',
        { xmlns: MUC_OWNER },
        xml('x', { xmlns: DATA_FORM, type: 'submit' }, ...submitted),
      ),
    );
  }

  /** The owner form's values by field. */
  async readConfiguration(roomJid: string): Promise<ReadonlyMap<string, readonly string[]>> {
    const answer = await this.session.request('get', roomJid, xml('query', { xmlns: MUC_OWNER }));
    return readForm(answer.getChild('query')?.getChild('x', DATA_FORM));
  }

  /** Grants or revokes an affiliation (XEP-0045, #affil); outcast is a ban. */
  async setAffiliation(
    roomJid: string,
    bareJid: string,
    affiliation: 'owner' | 'admin' | 'member' | 'outcast' | 'none',
  ): Promise<void> {
    await this.#setItem(roomJid, { jid: bareJid, affiliation });
  }

  /** Changes the role of somebody present (XEP-0045, #roles); none is a kick. */
  async setRole(
    roomJid: string,
    nick: string,
    role: 'moderator' | 'participant' | 'visitor' | 'none',
  ): Promise<void> {
    await this.#setItem(roomJid, { nick, role });
  }

  /** Ends the room for everybody (XEP-0045, #destroyroom). */
  async destroy(roomJid: string): Promise<void> {
    await this.session.request(
      'set',
      roomJid,
      xml('query', { xmlns: MUC_OWNER }, xml('destroy', {})),
    );
    this.#nicks.delete(roomJid);
  }

  /** The bare JIDs with an affiliation (XEP-0045, #modifyowner and siblings). */
  async readAffiliations(
    roomJid: string,
    affiliation: 'owner' | 'admin' | 'member' | 'outcast',
  ): Promise<string[]> {
    const items = await this.#readItems(roomJid, { affiliation });
    return items.map((item) => item.attrs['jid'] ?? '').sort();
  }

  /** The occupants with a role (XEP-0045, #modifymod and siblings). */
  async readRoles(
    roomJid: string,
    role: 'moderator' | 'participant' | 'visitor',
  ): Promise<SeenOccupant[]> {
    const items = await this.#readItems(roomJid, { role });
    return items.map((item) => occupantOfItem(item, item.attrs['nick'] ?? '', []));
  }

  async discoInfo(jid: string): Promise<RoomInfo> {
    const answer = await this.session.request('get', jid, xml('query', { xmlns: DISCO_INFO }));
    const query = answer.getChild('query', DISCO_INFO);
    return {
      features: (query?.getChildren('feature') ?? []).map((feature) => feature.attrs['var'] ?? ''),
      fields: readForm(query?.getChild('x', DATA_FORM)),
    };
  }

  /** JIDs of a service's items: with a MUC service, its public rooms. */
  async discoItems(jid: string): Promise<string[]> {
    const answer = await this.session.request('get', jid, xml('query', { xmlns: DISCO_ITEMS }));
    const items = answer.getChild('query', DISCO_ITEMS)?.getChildren('item') ?? [];
    return items.map((item) => item.attrs['jid'] ?? '');
  }

  /**
   * Waits for the next presence about a nick; begin before causing it.
   * `type` is absent for somebody present.
   */
  async waitForPresence(
    roomJid: string,
    nick: string,
    type?: 'unavailable',
  ): Promise<SeenOccupant> {
    const presence = await this.session.waitFor(
      (stanza) =>
        stanza.name === 'presence' &&
        stanza.attrs['from'] === `${roomJid}/${nick}` &&
        stanza.attrs['type'] === type,
      `a presence of ${roomJid}/${nick}`,
    );
    return readOccupant(presence);
  }

  /** Logs out; the server leaves every room on the client's behalf. */
  disconnect(): Promise<void> {
    return this.session.close();
  }

  /** Cuts the connection without a word. */
  abort(): void {
    this.session.abort();
  }

  async #setItem(roomJid: string, attributes: Record<string, string>): Promise<void> {
    await this.session.request(
      'set',
      roomJid,
      xml('query', { xmlns: MUC_ADMIN }, xml('item', attributes)),
    );
  }

  async #readItems(roomJid: string, attributes: Record<string, string>): Promise<Element[]> {
    const answer = await this.session.request(
      'get',
      roomJid,
      xml('query', { xmlns: MUC_ADMIN }, xml('item', attributes)),
    );
    return answer.getChild('query', MUC_ADMIN)?.getChildren('item') ?? [];
  }

  #nickIn(roomJid: string): string {
    const nick = this.#nicks.get(roomJid);
    if (nick === undefined) {
      throw new Error(`${this.jid} did not join ${roomJid}`);
    }
    return nick;
  }
}
