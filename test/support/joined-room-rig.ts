/** A JoinedRoom under test: shows it presences as a room would, and records what it tells. */
import { applyRoomEvent } from '@conference/muc';
import type { Affiliation, Occupant, RoomEvent } from '@conference/muc';
import { parseRoomPresence } from '@conference/muc-stanza';
import { parse } from 'ltx';
import { JoinedRoom } from '../../services/tracker/src/join-feed/joined-room.js';
import type {
  JoinAnswer,
  RoomEnd,
} from '../../services/tracker/src/join-feed/joined-room-listener.js';

import type { ServiceSight } from '../../services/tracker/src/join-feed/shared-nicks.js';

export const OWN_JID = 'tracker.localhost/conference';
export const OTHER_TRACKER_DOMAIN = 'tracker2.localhost';
export const OWN_NICK = 'conference-tracker';

/** What a presence shows; by default a participant with one session of an account of that name. */
export interface Shown {
  readonly role?: string;
  readonly affiliation?: string;
  /** Real JIDs, one for each session; none where the room does not show them. */
  readonly jids?: readonly string[];
  readonly codes?: readonly number[];
  readonly newNick?: string;
  readonly statusText?: string;
  /** Nothing of it comes from the client. */
  readonly isUnsaid?: boolean;
  /** Further XML inside the payload. */
  readonly inner?: string;
}

export class JoinedRoomRig {
  readonly joined: JoinedRoom;
  readonly events: RoomEvent[] = [];
  readonly ends: RoomEnd[] = [];
  readonly answers: JoinAnswer[] = [];
  /** Lists that are to be read again, joined by commas, for each time. */
  readonly doubts: string[] = [];
  /** Nicks that somebody left and others may hold on, so that the lists are to be asked for. */
  readonly sharedDepartures: string[] = [];
  /** Nicks whose departure may be the server's stop. */
  readonly doubted: string[] = [];
  /** Nicks under which another tracker was shown. */
  readonly otherTrackers: string[] = [];
  /** What the rooms of this service show. */
  readonly sight: ServiceSight = { showsEverySession: false };
  configurationReads = 0;
  /** Called for each answer to a join, after it was recorded. */
  onJoinAnswer: (answer: JoinAnswer) => void = () => undefined;

  constructor() {
    this.joined = new JoinedRoom(
      'tea',
      OWN_JID,
      new Set(['tracker.localhost', OTHER_TRACKER_DOMAIN]),
      OWN_NICK,
      {
        onDoubtfulDeparture: (nick) => this.doubted.push(nick),
        onEvent: (event) => {
          this.events.push(event);
          applyRoomEvent(this.joined.room, event, 2_000);
        },
        onEnd: (end) => {
          this.ends.push(end);
          if (end === 'destroyed' || end === 'lost') this.joined.end();
        },
        onJoinAnswer: (answer) => {
          this.answers.push(answer);
          this.onJoinAnswer(answer);
        },
        onConfigurationChanged: () => (this.configurationReads += 1),
        onOtherTracker: (nick) => this.otherTrackers.push(nick),
        onSharedDeparture: (nick) => this.sharedDepartures.push(nick),
        onDoubtfulAffiliations: (lists) => this.doubts.push(lists.join(',')),
      },
      () => 1_000,
      this.sight,
    );
  }

  /** Somebody is in the room. */
  shows(nick: string, shown: Shown = {}): void {
    this.handleXml(presenceXml(nick, '', shown));
  }

  /** Somebody is not in the room any more. */
  leaves(nick: string, shown: Shown = {}): void {
    this.handleXml(presenceXml(nick, " type='unavailable'", { role: 'none', ...shown }));
  }

  /** Our own presence. */
  showsUs(shown: Shown = {}): void {
    const own = { role: 'moderator', affiliation: 'owner', jids: [OWN_JID], codes: [110] };
    this.shows(OWN_NICK, { ...own, ...shown });
  }

  leavesUs(shown: Shown = {}): void {
    this.leaves(OWN_NICK, { affiliation: 'owner', jids: [OWN_JID], codes: [110], ...shown });
  }

  handleXml(xml: string): void {
    const read = parseRoomPresence(parse(xml));
    if (read === undefined) throw new Error(`no presence of a room: ${xml}`);
    this.joined.handlePresence(read);
  }

  /** All four affiliation lists were read. */
  readLists(lists: Partial<Record<Affiliation, readonly string[]>>): void {
    for (const affiliation of ['owner', 'admin', 'member', 'outcast'] as const) {
      const bareJids = lists[affiliation] ?? [];
      this.joined.applyRead({ kind: 'affiliation-listed', affiliation, bareJids });
    }
  }

  /** The configuration was read. */
  configure(isPersistent: boolean): void {
    const configuration = { name: '', description: '', maxUsers: 0, isPersistent };
    this.joined.applyRead({ kind: 'configuration-read', configuration });
  }

  /** We are in, with these occupants, and everything was read. */
  enter(nicks: readonly string[], isPersistent = false): void {
    this.joined.beginJoin(OWN_NICK);
    for (const nick of nicks) this.shows(nick);
    this.showsUs();
    this.readLists({});
    this.configure(isPersistent);
    this.joined.goLive();
    this.list();
    this.events.splice(0);
  }

  /** All roles were listed: everybody that is known, and these. */
  list(...others: readonly Occupant[]): void {
    const known = [...this.joined.room.occupants.values()];
    const { listings } = this.joined.others;
    listings.end(listings.begin(), [...known, ...others]);
  }

  nicksIn(): string[] {
    return [...this.joined.room.occupants.keys()].sort();
  }

  /** The kinds of the events so far. */
  kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }
}

function presenceXml(nick: string, typeAttribute: string, shown: Shown): string {
  const { role = 'participant', affiliation = 'none', codes = [], newNick } = shown;
  const jids = shown.jids ?? [`${nick.toLowerCase()}@localhost/phone`];
  const nickAttribute = newNick === undefined ? '' : ` nick='${newNick}'`;
  const attributes = `affiliation='${affiliation}' role='${role}'${nickAttribute}`;
  const items =
    jids.length === 0
      ? `<item ${attributes}/>`
      : jids.map((jid) => `<item ${attributes} jid='${jid}'/>`).join('');
  const statusText = shown.statusText === undefined ? '' : `<status>${shown.statusText}</status>`;
  const statusCodes = codes.map((code) => `<status code='${code}'/>`).join('');
  return (
    `<presence from='tea@conference.localhost/${nick}'${typeAttribute}` +
    `${shown.isUnsaid === true ? '' : " id='1'"}>${statusText}` +
    `<x xmlns='http://jabber.org/protocol/muc#user'>${items}${statusCodes}${shown.inner ?? ''}</x>` +
    `</presence>`
  );
}
