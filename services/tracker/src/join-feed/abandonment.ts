/** Whether we alone keep a temporary room alive, so that we must leave it to let it end. */
import type { Room } from '@conference/muc';
import type { OwnOccupant } from './own-occupant.js';

export class Abandonment {
  /** Configuration reads under way: until they end it is not known whether the room may end. */
  #pendingReads = 0;

  constructor(
    private readonly room: Room,
    private readonly own: Pick<OwnOccupant, 'otherTrackers'>,
  ) {}

  /** The configuration is being read; may be nested. */
  beginRead(): void {
    this.#pendingReads += 1;
  }

  endRead(): void {
    this.#pendingReads -= 1;
  }

  get isReading(): boolean {
    return this.#pendingReads > 0;
  }

  /** Whether nobody but us is in a temporary room. */
  get isComplete(): boolean {
    return this.room.isEmpty && this.#mayEnd;
  }

  /** Whether it would be complete if whoever has this nick left. */
  wouldFollow(nick: string): boolean {
    const { occupants, configuration } = this.room;
    const isHiding = (configuration.hiddenRoles ?? []).length > 0;
    return occupants.size === 1 && occupants.has(nick) && this.#mayEnd && !isHiding;
  }

  /** Whether a temporary room would be over, were it not for another tracker that is still in. */
  get isHindered(): boolean {
    return this.room.isEmpty && this.#isTemporary && this.own.otherTrackers > 0;
  }

  /** Where another tracker is in, our going would end nothing: we stay until it is gone. */
  get #mayEnd(): boolean {
    return this.#isTemporary && this.own.otherTrackers === 0;
  }

  get #isTemporary(): boolean {
    return !this.room.configuration.isPersistent && !this.isReading;
  }
}
