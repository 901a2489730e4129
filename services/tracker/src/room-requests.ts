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
import { delay } from '@conference/service-runtime';
import type { Element } from 'ltx';
import type { LimitFunction } from 'p-limit';
import type { XmppConnection } from './xmpp-connection.js';

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

/** How long a room may keep silent before it is asked once more, in ms. */
const ASK_AGAIN_MS = 500;

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

  /**
   * What the room says of itself. A room that keeps silent is asked once more.
   * COMPAT(ejabberd 23.01): what reaches a room while it ends is answered by nobody, and this is
   * what we ask of rooms that may be ending. Shown by test/faults/clock.faults.ts, where whoever
   * waited for the deadline was late.
   */
  roomInfo(roomId: string): Promise<DiscoInfo> {
    const { ownJid, mucService, connection, timeoutMs, limit } = this.options;
    const ask = (): Promise<DiscoInfo> =>
      connection.request(buildDiscoInfoRequest(ownJid, roomJid(roomId, mucService)), {
        timeoutMs,
        onReply: toDiscoInfo,
      });
    return limit(async () => {
      const isAnswered = new AbortController();
      const askAgain = async (): Promise<DiscoInfo> => {
        await delay(ASK_AGAIN_MS, isAnswered.signal);
        return isAnswered.signal.aborted ? first : ask();
      };
      const first = ask();
      try {
        return await Promise.race([first, askAgain()]);
      } finally {
        isAnswered.abort();
      }
    });
  }

  /** One affiliation list. */
  affiliations(
    roomId: string,
    affiliation: ListedAffiliation,
    onList: (bareJids: readonly string[]) => void,
  ): Promise<void> {
    const { ownJid, mucService } = this.options;
    return this.ask(
      buildAffiliationListRequest(ownJid, roomJid(roomId, mucService), affiliation),
      (reply) =>
        onList(expectParsed(parseAffiliationList(reply, affiliation), 'an affiliation list')),
    );
  }

  /** Who is in the room with a role. */
  roles(
    roomId: string,
    role: PresentRole,
    onList: (occupants: readonly Occupant[]) => void,
  ): Promise<void> {
    const { ownJid, mucService } = this.options;
    return this.ask(buildRoleListRequest(ownJid, roomJid(roomId, mucService), role), (reply) =>
      onList(expectParsed(parseRoleList(reply, role), 'a role list')),
    );
  }

  /** The owner's configuration form. */
  configuration<T>(roomId: string, onForm: (form: OwnerForm) => T): Promise<T> {
    const { ownJid, mucService } = this.options;
    return this.ask(buildConfigurationRequest(ownJid, roomJid(roomId, mucService)), (reply) =>
      onForm(expectParsed(parseConfigurationForm(reply), 'a configuration form')),
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
