/**
 * Keeps a room's affiliation lists in step with what presences say. A change of somebody present
 * is told by presence alone; it is taken over at once, and the lists concerned are read again,
 * since the presence may owe its affiliation to something other than the list (an administrator
 * of the service, a banned domain).
 */
import { LISTED_AFFILIATIONS } from '@conference/muc';
import type { Affiliation, ListedAffiliation, Occupant, Room, RoomEvent } from '@conference/muc';
import { detachText } from './detached-event.js';

export interface AffiliationWatchListener {
  onEvent(event: RoomEvent): void;
  /** The presence tells other affiliations than the lists: these lists must be read again. */
  onDoubt(lists: readonly ListedAffiliation[]): void;
}

export class AffiliationWatch {
  /** Affiliations that come from elsewhere than the room's lists, by bare JID. */
  readonly #grantedElsewhere = new Map<string, Affiliation>();

  constructor(
    private readonly room: Room,
    private readonly listener: AffiliationWatchListener,
  ) {}

  /**
   * Somebody is shown.
   * @param previous how the same person was shown before, where that is known
   * @param areListsRead whether all lists were read; until then they prove nothing
   */
  compare(occupant: Occupant, previous: Occupant | undefined, areListsRead: boolean): void {
    if (previous !== undefined) this.#compareChange(occupant, previous);
    else if (areListsRead) this.#compareNewcomer(occupant);
  }

  /** The lists were read: does everybody who is in stand there as shown? */
  compareAll(): void {
    for (const occupant of this.room.occupants.values()) this.#compareNewcomer(occupant);
  }

  /** The room itself says so. */
  set(bareJid: string, affiliation: Affiliation): void {
    if (this.#known(bareJid) !== affiliation) {
      this.listener.onEvent({ kind: 'affiliation-set', bareJid, affiliation });
    }
  }

  /** Somebody is shown whose affiliation was not known before: does it stand in the lists? */
  #compareNewcomer({ bareJid, affiliation }: Occupant): void {
    if (bareJid === undefined) return;
    const known = this.#known(bareJid);
    if (known === affiliation || this.#grantedElsewhere.get(bareJid) === affiliation) return;
    // Asked once: when the lists say the same again, it comes from elsewhere.
    this.#grantedElsewhere.set(detachText(bareJid), affiliation);
    this.listener.onDoubt(listsOf(known, affiliation));
  }

  /** Somebody known is shown again: has the affiliation changed? */
  #compareChange({ bareJid, affiliation }: Occupant, previous: Occupant): void {
    if (bareJid === undefined || previous.affiliation === affiliation) return;
    const known = this.#known(bareJid);
    this.#grantedElsewhere.delete(bareJid);
    this.set(bareJid, affiliation);
    this.listener.onDoubt(listsOf(known, affiliation, previous.affiliation));
  }

  #known(bareJid: string): Affiliation {
    return this.room.affiliations.get(bareJid) ?? 'none';
  }
}

function listsOf(...affiliations: readonly Affiliation[]): ListedAffiliation[] {
  return LISTED_AFFILIATIONS.filter((affiliation) => affiliations.includes(affiliation));
}
