/** Rooms by roomId, with totals that cost nothing to read, however many rooms there are. */
import { applyRoomEvent, RoomMap } from '@conference/muc';
import type { Room, RoomEvent, RoomWaking } from '@conference/muc';

/** What those need who look rooms up and go through them. */
export type Rooms = Pick<RoomMap<Room>, 'get' | 'size'> & { keys(): Iterator<string> };

export class KnownRooms implements Rooms {
  readonly #rooms = new RoomMap<Room>();
  #occupants = 0;
  #tellingMaxUsers = 0;

  /** @param waking lets rooms rest in which nothing happens */
  constructor(private readonly waking: RoomWaking) {}

  get size(): number {
    return this.#rooms.size;
  }

  /** Occupants of all rooms together. */
  get occupantCount(): number {
    return this.#occupants;
  }

  /** Whether the server shows the maximum of users of any room. */
  get isMaxUsersTold(): boolean {
    return this.#tellingMaxUsers > 0;
  }

  get(roomId: string): Room | undefined {
    return this.#rooms.get(roomId);
  }

  has(roomId: string): boolean {
    return this.#rooms.has(roomId);
  }

  /** Leaves out rooms that go meanwhile, and some of those that come. */
  keys(): Generator<string, undefined> {
    return this.#rooms.keys();
  }

  /** Adds a room, or puts it in the place of the one of the same name. */
  set(room: Room): void {
    this.delete(room.roomId);
    this.#rooms.set(room.roomId, room);
    this.#count(room, 1);
    room.restBy(this.waking);
  }

  delete(roomId: string): void {
    const room = this.#rooms.get(roomId);
    if (room === undefined) return;
    this.#count(room, -1);
    this.#rooms.delete(roomId);
  }

  /** Applies an event to one of these rooms. */
  apply(room: Room, event: RoomEvent, nowMs: number): void {
    this.#count(room, -1);
    applyRoomEvent(room, event, nowMs);
    this.#count(room, 1);
  }

  #count(room: Room, sign: 1 | -1): void {
    this.#occupants += sign * room.occupants.size;
    if (room.configuration.isMaxUsersTold === true) this.#tellingMaxUsers += sign;
  }
}
