/**
 * Reads parts of a followed room again: the configuration after it changed, affiliation lists that
 * presences put in doubt. A question that fails makes the whole room be read again.
 */
import { LISTED_AFFILIATIONS } from '@conference/muc';
import type { ListedAffiliation } from '@conference/muc';
import type { JoinedRoom } from './joined-room.js';
import type { RoomRequests } from '../room-requests.js';
import type { UntoldPeople } from './untold-people.js';

export class RoomRereads {
  readonly #doubtfulLists = new Set<ListedAffiliation>();

  constructor(
    private readonly joined: JoinedRoom,
    private readonly requests: RoomRequests,
    private readonly people: UntoldPeople,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** Whether something is being asked for because it is in doubt. */
  get isUnderWay(): boolean {
    return this.#doubtfulLists.size > 0;
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
      await this.people.readAll();
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

  /** A doubt that arises while its list is asked for is settled by asking once more. Never rejects. */
  async readLists(lists: readonly ListedAffiliation[]): Promise<void> {
    const { joined, requests } = this;
    const open = this.#doubtfulLists;
    const isUnderWay = open.size > 0;
    for (const affiliation of lists) open.add(affiliation);
    if (isUnderWay) return;
    try {
      for (const affiliation of open) {
        await requests.affiliations(joined.room.roomId, affiliation, (bareJids) => {
          open.delete(affiliation);
          joined.applyRead({ kind: 'affiliation-listed', affiliation, bareJids });
        });
      }
    } catch (error) {
      open.clear();
      this.onFailure(error);
    }
  }
}
