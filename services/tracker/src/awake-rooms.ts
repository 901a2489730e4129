/**
 * Bounds how many rooms are awake: one that is handed over rests, and when another one wakes, the
 * one that has been awake for longest goes to rest. So a million rooms take the memory of texts, and
 * those in which something happens are at hand.
 */
import type { Room, RoomWaking } from '@conference/muc';

const AWAKE_ROOMS = 4_096;

export class AwakeRooms implements RoomWaking {
  /** In the order in which they woke, from `#next` on and around. */
  readonly #rooms: Room[] = [];
  #next = 0;

  /**
   * @param findTwin another room of the same name that may be the same in all else, to share memory
   * @param maximum of rooms that are awake
   */
  constructor(
    private readonly findTwin: (roomId: string) => Room | undefined = () => undefined,
    private readonly maximum = AWAKE_ROOMS,
  ) {}

  onHandedOver(room: Room): void {
    room.rest(this.findTwin(room.roomId));
  }

  onAwake(room: Room): void {
    const earliest = this.#rooms[this.#next];
    this.#rooms[this.#next] = room;
    this.#next = (this.#next + 1) % this.maximum;
    // A room that woke twice stands here twice.
    if (earliest !== undefined && earliest !== room) earliest.rest(this.findTwin(earliest.roomId));
  }
}
