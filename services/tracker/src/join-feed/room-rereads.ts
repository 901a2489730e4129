/**
 * Reads parts of a followed room again: the configuration after it changed, affiliation lists that
 * presences put in doubt. A question that fails makes the whole room be read again.
 */
import { LISTED_AFFILIATIONS, PRESENT_ROLES } from '@conference/muc';
import type { ListedAffiliation, PresentRole } from '@conference/muc';
import type { JoinedRoom } from './joined-room.js';
import { readHiddenRoles } from './room-reader.js';
import type { RoomRequests } from '../room-requests.js';

export class RoomRereads {
  readonly #doubtfulLists = new Set<ListedAffiliation>();

  constructor(
    private readonly joined: JoinedRoom,
    private readonly requests: RoomRequests,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** Never rejects. */
  async readConfiguration(): Promise<void> {
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

  /** Asks for what a room that hides people does not tell; nothing where it hides none. Never rejects. */
  async readHiddenPeople(): Promise<void> {
    try {
      await this.#readHidden(new Set(this.joined.hiddenRoles));
    } catch (error) {
      this.onFailure(error);
    }
  }

  /** Neither that hidden people are there nor what becomes of their affiliations is told. */
  async #readHidden(roles: ReadonlySet<PresentRole>): Promise<void> {
    if (roles.size === 0) return;
    await readHiddenRoles(this.joined, this.requests, [...roles]);
    await this.readLists(LISTED_AFFILIATIONS);
  }

  /** A doubt that arises while its list is asked for is settled by asking once more. */
  async readLists(lists: readonly ListedAffiliation[]): Promise<void> {
    const { joined, requests } = this;
    const isUnderWay = this.#doubtfulLists.size > 0;
    for (const affiliation of lists) this.#doubtfulLists.add(affiliation);
    if (isUnderWay) return;
    try {
      for (const affiliation of this.#doubtfulLists) {
        await requests.affiliations(joined.room.roomId, affiliation, (bareJids) => {
          this.#doubtfulLists.delete(affiliation);
          joined.applyRead({ kind: 'affiliation-listed', affiliation, bareJids });
        });
      }
    } catch (error) {
      this.#doubtfulLists.clear();
      this.onFailure(error);
    }
  }
}
