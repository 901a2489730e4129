/**
 * The questions that the join feed asks a MUC service, each with a deadline and within the bound
 * of requests under way. Replies are handed over synchronously, at their place in the stream.
 */
import type { ListedAffiliation, Occupant, PresentRole } from '@conference/muc';
import { ConferenceError, roomJid } from '@conference/muc';
import {
  buildAffiliationListRequest,
  buildConfigurationRequest,
  buildDiscoInfoRequest,
  buildRoleListRequest,
  parseAffiliationList,
  parseConfigurationForm,
  parseDiscoInfo,
  parseRoleList,
} from '@conference/muc-stanza';
import type { DiscoInfo, OwnerForm } from '@conference/muc-stanza';
import type { Element } from 'ltx';
import type { LimitFunction } from 'p-limit';
import { orAskAgain } from './ask-again.js';
import type { XmppConnection } from './xmpp-connection.js';

/** A list comes in one stanza, whose reading holds up everything else: longer ones are left out. */
export const LONGEST_LIST = 5_000;

export interface RoomRequestsOptions {
  readonly connection: XmppConnection;
  readonly mucService: string;
  /** The full JID under which the tracker joins and asks. */
  readonly ownJid: string;
  /** The domains of all trackers, our own included: nobody of them counts as an occupant. */
  readonly trackerDomains: ReadonlySet<string>;
  readonly timeoutMs: number;
  /** Bounds how many requests are under way. */
  readonly limit: LimitFunction;
}

const toDiscoInfo = (reply: Element): DiscoInfo =>
  expectParsed(parseDiscoInfo(reply), 'disco#info');

export class RoomRequests {
  constructor(readonly options: RoomRequestsOptions) {}

  /** Sends an IQ when there is room for it; see XmppConnection.request for the failures. */
  ask<T>(iq: Element, onReply: (reply: Element) => T): Promise<T> {
    const { connection, timeoutMs, limit } = this.options;
    return limit(() => connection.request(iq, { timeoutMs, onReply }));
  }

  /** Sends an IQ past all that wait: for the few questions on which everything else depends. */
  askAtOnce<T>(iq: Element, onReply: (reply: Element) => T): Promise<T> {
    const { connection, timeoutMs } = this.options;
    return connection.request(iq, { timeoutMs, onReply });
  }

  /** What the service says of itself. */
  serviceInfo(): Promise<DiscoInfo> {
    const { ownJid, mucService } = this.options;
    return this.ask(buildDiscoInfoRequest(ownJid, mucService), toDiscoInfo);
  }

  /** What the room says of itself. */
  roomInfo(roomId: string): Promise<DiscoInfo> {
    return this.#askRoom(roomId, buildDiscoInfoRequest, toDiscoInfo);
  }

  /** One affiliation list. */
  affiliations(
    roomId: string,
    affiliation: ListedAffiliation,
    onList: (bareJids: readonly string[]) => void,
  ): Promise<void> {
    return this.#askRoom(
      roomId,
      (from, to) => buildAffiliationListRequest(from, to, affiliation),
      (reply) =>
        onList(expectParsed(parseAffiliationList(reply, affiliation), 'an affiliation list')),
    );
  }

  /** Who is in the room with a role, one for each session. */
  roles(
    roomId: string,
    role: PresentRole,
    onList: (occupants: readonly Occupant[]) => void,
  ): Promise<void> {
    return this.#askRoom(
      roomId,
      (from, to) => buildRoleListRequest(from, to, role),
      (reply) => onList(expectParsed(parseRoleList(reply, role), 'a role list')),
    );
  }

  /** The owner's configuration form. */
  configuration<T>(roomId: string, onForm: (form: OwnerForm) => T): Promise<T> {
    return this.#askRoom(roomId, buildConfigurationRequest, (reply) =>
      onForm(expectParsed(parseConfigurationForm(reply), 'a configuration form')),
    );
  }

  /** Reads something of a room, which changes nothing; one that keeps silent is asked again. */
  #askRoom<T>(
    roomId: string,
    build: (from: string, to: string) => Element,
    onReply: (reply: Element) => T,
  ): Promise<T> {
    const { connection, mucService, ownJid, timeoutMs, limit } = this.options;
    const to = roomJid(roomId, mucService);
    return limit(() =>
      orAskAgain(() => connection.request(build(ownJid, to), { timeoutMs, onReply })),
    );
  }
}

/** Turns an answer that is not what was asked for into a failure. */
export function expectParsed<T>(parsed: T | undefined, expected: string): T {
  if (parsed === undefined) {
    throw new ConferenceError('protocol-violation', `the answer does not carry ${expected}`);
  }
  return parsed;
}
