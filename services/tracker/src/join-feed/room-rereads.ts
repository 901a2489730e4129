/**
 * Reads parts of a followed room again: the configuration after it changed, affiliation lists that
 * presences put in doubt. A question that fails makes the whole room be read again.
 */
import { hasCode, LISTED_AFFILIATIONS, PRESENT_ROLES } from '@conference/muc';
import type { ListedAffiliation, Occupant, PresentRole } from '@conference/muc';
import type { JoinedRoom } from './joined-room.js';
import { readRoles } from './room-reader.js';
import type { RoomRequests } from '../room-requests.js';

export class RoomRereads {
  readonly #doubtfulLists = new Set<ListedAffiliation>();
  readonly #doubtfulRoles = new Set<PresentRole>();

  constructor(
    private readonly joined: JoinedRoom,
    private readonly requests: RoomRequests,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** Whether something is being asked for because it is in doubt. */
  get isUnderWay(): boolean {
    return this.#doubtfulLists.size > 0 || this.#doubtfulRoles.size > 0;
  }

  /** Asks for all that a room tells beside the subject. Never rejects. */
  async readEverything(): Promise<void> {
    const { joined, requests } = this;
    joined.beginConfigurationRead();
    try {
      await requests.configuration(joined.room.roomId, ({ configuration }) =>
        joined.applyRead({ kind: 'configuration-read', configuration }),
      );
      // Between two changes people may have been hidden, and have left or been given rights unseen.
      await this.#readHidden(new Set(PRESENT_ROLES));
    } catch (error) {
      this.onFailure(error);
    } finally {
      joined.endConfigurationRead();
    }
  }

  /** Asks for all that can change in a room in which nobody is, not even we. Never rejects. */
  async readFromOutside(): Promise<void> {
    await Promise.all([this.readLists(LISTED_AFFILIATIONS), this.#readForm()]);
  }

  /**
   * Asks for what a room does not tell that hides people, or in which a nick is shared or may be.
   * Where all that we know of it is that one is shared, how many are in is asked first. Never rejects.
   */
  async readUntoldPeople(): Promise<void> {
    const { joined } = this;
    try {
      await this.#readHidden(new Set(joined.hiddenRoles));
      const { sharing } = joined;
      if (sharing === 'none') return;
      if (sharing !== 'some' || (await this.#isCountedOtherwise())) await this.#readEverybody();
    } catch (error) {
      this.onFailure(error);
    }
  }

  /** A server that has no such lists leaves it unknown for good who shares a nick. */
  async #readEverybody(): Promise<void> {
    const { joined, requests } = this;
    const { roomId } = joined.room;
    // By role: who was asked again may answer twice.
    const people = new Map<PresentRole, readonly Occupant[]>();
    const told = joined.beginListing();
    try {
      await Promise.all(
        PRESENT_ROLES.map((role) =>
          requests.roles(roomId, role, (listed) => void people.set(role, listed)),
        ),
      );
    } catch (error) {
      if (!hasCode(error, 'stanza-error') || error.condition === 'forbidden') throw error;
      return joined.endListing(told);
    }
    joined.endListing(told, [...people.values()].flat());
  }

  /** Whether a room in which a nick is shared has more or fewer in it than we know of. */
  async #isCountedOtherwise(): Promise<boolean> {
    const { joined, requests } = this;
    const { occupants = joined.counted } = await requests.roomInfo(joined.room.roomId);
    return occupants !== joined.counted;
  }

  async #readForm(): Promise<void> {
    const { joined, requests } = this;
    try {
      await requests.configuration(joined.room.roomId, ({ configuration }) =>
        joined.applyRead({ kind: 'configuration-read', configuration }),
      );
    } catch (error) {
      this.onFailure(error);
    }
  }

  /** Neither that hidden people are there nor what becomes of their affiliations is told. */
  async #readHidden(roles: ReadonlySet<PresentRole>): Promise<void> {
    if (roles.size === 0) return;
    if (roles.size === PRESENT_ROLES.length) await this.#readEverybody();
    else await readRoles(this.joined, this.requests, [...roles]);
    await this.readLists(LISTED_AFFILIATIONS);
  }

  /** Never rejects. */
  async readRole(role: PresentRole): Promise<void> {
    const { joined, requests } = this;
    await this.#settle(this.#doubtfulRoles, [role], (doubtful, onAnswer) =>
      requests.roles(joined.room.roomId, doubtful, (occupants) => {
        onAnswer();
        joined.applyRoleList(doubtful, occupants);
        joined.endIfAbandoned();
      }),
    );
  }

  /** Never rejects. */
  async readLists(lists: readonly ListedAffiliation[]): Promise<void> {
    const { joined, requests } = this;
    await this.#settle(this.#doubtfulLists, lists, (affiliation, onAnswer) =>
      requests.affiliations(joined.room.roomId, affiliation, (bareJids) => {
        onAnswer();
        joined.applyRead({ kind: 'affiliation-listed', affiliation, bareJids });
      }),
    );
  }

  /** A doubt that arises while its list is asked for is settled by asking once more. */
  async #settle<Doubt>(
    open: Set<Doubt>,
    doubts: readonly Doubt[],
    ask: (doubt: Doubt, onAnswer: () => void) => Promise<void>,
  ): Promise<void> {
    const isUnderWay = open.size > 0;
    for (const doubt of doubts) open.add(doubt);
    if (isUnderWay) return;
    try {
      for (const doubt of open) await ask(doubt, () => open.delete(doubt));
    } catch (error) {
      open.clear();
      this.onFailure(error);
    }
  }
}
