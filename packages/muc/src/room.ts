/**
 * One room as it is known: who is in it, who may do what, its configuration, subject and dates.
 * Counts are kept along with the sets, so that reading a row costs the same for a room of ten and
 * of ten thousand. Changed only by apply-room-event.
 *
 * A room in which nothing happens may rest: it then takes a third of the memory, and whoever looks
 * at it or changes it wakes it without noticing.
 */
import type { ListedAffiliation } from './affiliation.js';
import type { Occupant } from './occupant.js';
import type { RoomConfiguration } from './room-configuration.js';
import { emptyContent, packContent, unpackContent } from './room-content.js';
import type { RoomContent } from './room-content.js';
import type { RoomRow } from './room-row.js';

/** Details changed since they were last taken for writing. */
export interface TouchedDetails {
  readonly nicks: ReadonlySet<string>;
  readonly bareJids: ReadonlySet<string>;
  /** Whether there are more than were asked for. */
  readonly hasMore: boolean;
}

/** Lets rooms rest. */
export interface RoomWaking {
  /** Is told of each room that is handed over: it can rest until it is looked at. */
  onHandedOver(room: Room): void;
  /** Is told of each room that wakes, so as to let it rest again. */
  onAwake(room: Room): void;
}

const NOTHING_TOUCHED: TouchedDetails = {
  nicks: new Set(),
  bareJids: new Set(),
  hasMore: false,
};

/** With more details than this a room never rests: it would be dear to wake. */
const MAXIMUM_RESTING_DETAILS = 500;

export class Room {
  /** Undefined while it rests. */
  #content: RoomContent | undefined;
  /** The content as a text; undefined when it has changed since it was packed. */
  #text: string | undefined;
  #waking: RoomWaking | undefined;

  /** An empty room, created at this moment. */
  constructor(
    readonly roomId: string,
    nowMs: number,
  ) {
    this.#content = emptyContent(nowMs);
  }

  /** From now on the room may be put to rest by whoever is told when it is awake. */
  restBy(waking: RoomWaking): void {
    this.#waking = waking;
    waking.onHandedOver(this);
  }

  /**
   * Lets the room rest until it is next looked at.
   * @param twin a room that may be the same; two that are and rest share their memory
   */
  rest(twin?: Room): void {
    const content = this.#content;
    if (content === undefined) return;
    if (content.occupants.size + content.affiliations.size > MAXIMUM_RESTING_DETAILS) return;
    this.#text ??= packContent(content);
    if (twin !== undefined && twin.#text === this.#text) this.#text = twin.#text;
    this.#content = undefined;
  }

  get configuration(): RoomConfiguration {
    return this.#awake().configuration;
  }
  set configuration(configuration: RoomConfiguration) {
    this.#changing().configuration = configuration;
  }

  get subject(): string {
    return this.#awake().subject;
  }
  set subject(subject: string) {
    this.#changing().subject = subject;
  }

  /** In ms since 1970, as the other dates. */
  get creationMs(): number {
    return this.#awake().creationMs;
  }
  set creationMs(creationMs: number) {
    this.#changing().creationMs = creationMs;
  }

  /** Whether the server told the creation itself; otherwise it is when the room was first seen. */
  get isCreationTold(): boolean {
    return this.#awake().isCreationTold;
  }
  set isCreationTold(isCreationTold: boolean) {
    this.#changing().isCreationTold = isCreationTold;
  }

  get modificationMs(): number {
    return this.#awake().modificationMs;
  }
  set modificationMs(modificationMs: number) {
    this.#changing().modificationMs = modificationMs;
  }

  /** Since when nobody is in it; undefined while somebody is. */
  get emptyMs(): number | undefined {
    return this.#awake().emptyMs;
  }
  set emptyMs(emptyMs: number | undefined) {
    if (emptyMs !== this.emptyMs) this.#changing().emptyMs = emptyMs;
  }

  /** By nick. */
  get occupants(): ReadonlyMap<string, Occupant> {
    return this.#awake().occupants;
  }

  /** By bare JID. */
  get affiliations(): ReadonlyMap<string, ListedAffiliation> {
    return this.#awake().affiliations;
  }

  get isEmpty(): boolean {
    return this.occupants.size === 0;
  }

  /** Puts an occupant in, or in the place of the one with the same nick. */
  putOccupant(occupant: Occupant): void {
    this.removeOccupant(occupant.nick);
    const content = this.#changing();
    content.occupants.set(occupant.nick, occupant);
    content.roleCounts[occupant.role] += 1;
    content.touchedNicks.add(occupant.nick);
  }

  /** Returns who was there, or undefined where nobody was. */
  removeOccupant(nick: string): Occupant | undefined {
    const occupant = this.occupants.get(nick);
    if (occupant === undefined) return undefined;
    const content = this.#changing();
    content.occupants.delete(nick);
    content.roleCounts[occupant.role] -= 1;
    content.touchedNicks.add(nick);
    return occupant;
  }

  /** Sets a JID's place on the lists; undefined takes it off. */
  setAffiliation(bareJid: string, affiliation: ListedAffiliation | undefined): void {
    const previous = this.affiliations.get(bareJid);
    if (previous === affiliation) return;
    const content = this.#changing();
    if (previous !== undefined) content.affiliationCounts[previous] -= 1;
    if (affiliation === undefined) {
      content.affiliations.delete(bareJid);
    } else {
      content.affiliations.set(bareJid, affiliation);
      content.affiliationCounts[affiliation] += 1;
    }
    content.touchedBareJids.add(bareJid);
  }

  /** Hands over which details changed since the last call, or some of them. */
  takeTouched(maximum = Number.POSITIVE_INFINITY): TouchedDetails {
    const touched = this.#awake();
    if (touched.touchedNicks.size + touched.touchedBareJids.size === 0) return NOTHING_TOUCHED;
    const content = this.#changing();
    const nicks = takeSome(content.touchedNicks, maximum);
    const bareJids = takeSome(content.touchedBareJids, maximum - nicks.size);
    return {
      nicks,
      bareJids,
      hasMore: content.touchedNicks.size + content.touchedBareJids.size > 0,
    };
  }

  /** Hands over all details, or some of them: the others count as changed. */
  takeAll(maximum = Number.POSITIVE_INFINITY): TouchedDetails {
    const { occupants, affiliations, touchedNicks, touchedBareJids } = this.#awake();
    if (occupants.size + affiliations.size > maximum) {
      const content = this.#changing();
      for (const nick of occupants.keys()) content.touchedNicks.add(nick);
      for (const bareJid of affiliations.keys()) content.touchedBareJids.add(bareJid);
      return this.takeTouched(maximum);
    }
    // Where nothing was touched the room is as its text has it, and need not be packed again.
    if (touchedNicks.size + touchedBareJids.size > 0) this.takeTouched();
    return {
      nicks: new Set(occupants.keys()),
      bareJids: new Set(affiliations.keys()),
      hasMore: false,
    };
  }

  /** The documented row. */
  toRow(): RoomRow {
    const content = this.#awake();
    const { configuration, affiliationCounts, roleCounts, emptyMs } = content;
    return {
      roomId: this.roomId,
      name: configuration.name || this.roomId,
      admins: affiliationCounts.admin,
      creationDate: new Date(content.creationMs).toISOString(),
      description: configuration.description || this.roomId,
      maxUsers: configuration.maxUsers,
      members: affiliationCounts.member,
      moderators: roleCounts.moderator,
      modificationDate: new Date(content.modificationMs).toISOString(),
      occupants: content.occupants.size,
      outcasts: affiliationCounts.outcast,
      owners: affiliationCounts.owner,
      participants: roleCounts.participant,
      subject: content.subject,
      ...(emptyMs === undefined ? {} : { emptyDate: new Date(emptyMs).toISOString() }),
    };
  }

  #awake(): RoomContent {
    return this.#content ?? this.#wake();
  }

  #wake(): RoomContent {
    const content = unpackContent(this.#text ?? '');
    this.#content = content;
    this.#waking?.onAwake(this);
    return content;
  }

  /** The content, which is about to be other than its text. */
  #changing(): RoomContent {
    const content = this.#awake();
    this.#text = undefined;
    return content;
  }
}

/** Moves up to so many out of a set. */
function takeSome(from: Set<string>, maximum: number): Set<string> {
  const taken = new Set<string>();
  for (const each of from) {
    if (taken.size >= maximum) break;
    taken.add(each);
    from.delete(each);
  }
  return taken;
}
