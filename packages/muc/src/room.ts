/**
 * One room as it is known: who is in it, who may do what, its configuration, subject and dates.
 * Counts are kept along with the sets, so that reading a row costs the same for a room of ten and
 * of ten thousand. Changed only by apply-room-event.
 */
import type { ListedAffiliation } from './affiliation.js';
import type { Occupant } from './occupant.js';
import type { PresentRole } from './role.js';
import { UNKNOWN_CONFIGURATION } from './room-configuration.js';
import type { RoomConfiguration } from './room-configuration.js';
import type { RoomRow } from './room-row.js';

/** Details changed since they were last taken for writing. */
export interface TouchedDetails {
  readonly nicks: ReadonlySet<string>;
  readonly bareJids: ReadonlySet<string>;
}

export class Room {
  configuration: RoomConfiguration = UNKNOWN_CONFIGURATION;
  subject = '';
  creationMs: number;
  /** Whether the server told the creation itself; otherwise it is when the room was first seen. */
  isCreationTold = false;
  modificationMs: number;
  emptyMs: number | undefined;

  readonly #occupants = new Map<string, Occupant>();
  readonly #affiliations = new Map<string, ListedAffiliation>();
  readonly #roleCounts: Record<PresentRole, number> = { moderator: 0, participant: 0, visitor: 0 };
  readonly #affiliationCounts: Record<ListedAffiliation, number> = {
    owner: 0,
    admin: 0,
    member: 0,
    outcast: 0,
  };
  #touchedNicks = new Set<string>();
  #touchedBareJids = new Set<string>();

  /** An empty room, created at this moment. */
  constructor(
    readonly roomId: string,
    nowMs: number,
  ) {
    this.creationMs = nowMs;
    this.modificationMs = nowMs;
    this.emptyMs = nowMs;
  }

  /** By nick. */
  get occupants(): ReadonlyMap<string, Occupant> {
    return this.#occupants;
  }

  /** By bare JID. */
  get affiliations(): ReadonlyMap<string, ListedAffiliation> {
    return this.#affiliations;
  }

  get isEmpty(): boolean {
    return this.#occupants.size === 0;
  }

  /** Puts an occupant in, or in the place of the one with the same nick. */
  putOccupant(occupant: Occupant): void {
    this.removeOccupant(occupant.nick);
    this.#occupants.set(occupant.nick, occupant);
    this.#roleCounts[occupant.role] += 1;
    this.#touchedNicks.add(occupant.nick);
  }

  /** Returns who was there, or undefined where nobody was. */
  removeOccupant(nick: string): Occupant | undefined {
    const occupant = this.#occupants.get(nick);
    if (occupant === undefined) return undefined;
    this.#occupants.delete(nick);
    this.#roleCounts[occupant.role] -= 1;
    this.#touchedNicks.add(nick);
    return occupant;
  }

  /** Sets a JID's place on the lists; undefined takes it off. */
  setAffiliation(bareJid: string, affiliation: ListedAffiliation | undefined): void {
    const previous = this.#affiliations.get(bareJid);
    if (previous === affiliation) return;
    if (previous !== undefined) this.#affiliationCounts[previous] -= 1;
    if (affiliation === undefined) {
      this.#affiliations.delete(bareJid);
    } else {
      this.#affiliations.set(bareJid, affiliation);
      this.#affiliationCounts[affiliation] += 1;
    }
    this.#touchedBareJids.add(bareJid);
  }

  /** Hands over which details changed since the last call. */
  takeTouched(): TouchedDetails {
    const touched = { nicks: this.#touchedNicks, bareJids: this.#touchedBareJids };
    this.#touchedNicks = new Set();
    this.#touchedBareJids = new Set();
    return touched;
  }

  /** The documented row. */
  toRow(): RoomRow {
    const { owner, admin, member, outcast } = this.#affiliationCounts;
    return {
      roomId: this.roomId,
      name: this.configuration.name || this.roomId,
      admins: admin,
      creationDate: new Date(this.creationMs).toISOString(),
      description: this.configuration.description || this.roomId,
      maxUsers: this.configuration.maxUsers,
      members: member,
      moderators: this.#roleCounts.moderator,
      modificationDate: new Date(this.modificationMs).toISOString(),
      occupants: this.#occupants.size,
      outcasts: outcast,
      owners: owner,
      participants: this.#roleCounts.participant,
      subject: this.subject,
      ...(this.emptyMs === undefined ? {} : { emptyDate: new Date(this.emptyMs).toISOString() }),
    };
  }
}
