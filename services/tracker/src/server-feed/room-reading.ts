/** One room as the feed tells it when it is asked for it alone, gathered from its pages. */
import { LISTED_AFFILIATIONS, PRESENT_ROLES } from '@conference/muc';
import type { Affiliation } from '@conference/muc';
import type { FeedOccupant, FeedRoom, FeedSummary } from '@conference/muc-stanza';
import type { RoomPart } from '../room-feed.js';

type Present = Exclude<FeedOccupant, { role: 'none' }>;

export class RoomReading {
  /** What was read last says whether there is such a room. */
  #state: 'absent' | 'there' | 'unreadable' = 'absent';
  #summary: FeedSummary | undefined;
  readonly #occupants = new Map<string, Present>();
  readonly #affiliations = new Map<string, Affiliation>();

  /** Takes in the rooms of the next page: at most this one, or again from its beginning. */
  take(rooms: readonly FeedRoom[]): void {
    for (const told of rooms) this.#takeRoom(told);
  }

  /** What the whole of it says; nothing where the server cannot read the room itself. */
  *parts(): Generator<RoomPart> {
    if (this.#state === 'unreadable') return;
    if (this.#state === 'absent') {
      yield { kind: 'absent' };
      return;
    }
    if (this.#summary !== undefined) {
      const { configuration, subject } = this.#summary;
      yield { kind: 'configuration', configuration };
      yield { kind: 'subject', subject };
    }
    for (const role of PRESENT_ROLES) {
      const occupants = [...this.#occupants.values()].filter((each) => each.role === role);
      yield { kind: 'role', role, occupants };
    }
    for (const affiliation of LISTED_AFFILIATIONS) {
      const bareJids = [...this.#affiliations].flatMap(([bareJid, each]) =>
        each === affiliation ? [bareJid] : [],
      );
      yield { kind: 'affiliation', affiliation, bareJids };
    }
  }

  #takeRoom(told: FeedRoom): void {
    if (told.kind === 'gone' || told.kind === 'unreadable') {
      this.#state = told.kind === 'gone' ? 'absent' : 'unreadable';
      return;
    }
    if (told.kind === 'first') {
      this.#state = 'there';
      this.#summary = undefined;
      this.#occupants.clear();
      this.#affiliations.clear();
    }
    this.#summary = told.summary ?? this.#summary;
    for (const occupant of told.occupants) {
      if (occupant.role === 'none') this.#occupants.delete(occupant.nick);
      else this.#occupants.set(occupant.nick, occupant);
    }
    for (const { bareJid, affiliation } of told.affiliations) {
      this.#affiliations.set(bareJid, affiliation);
    }
  }
}
