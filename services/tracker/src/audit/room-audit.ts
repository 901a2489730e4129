/**
 * Looks whether what is known is still what the server says: goes through the rooms of a MUC
 * service one by one and for ever, at a low rate, reads each beside all that is told, has put right
 * what differs, and counts it. In a healthy run there is nothing to count.
 */
import type { Room, RoomEvent } from '@conference/muc';
import { delay } from '@conference/service-runtime';
import type { Logger } from '@conference/service-runtime';
import type { Rooms } from '../known-rooms.js';
import type { RoomFeed } from '../room-feed.js';
import type { TrackerMetrics } from '../tracker-metrics.js';
import { DIFFERENCE_KINDS } from './room-difference.js';
import type { Difference } from './room-difference.js';
import { Suspicion } from './suspicion.js';

export interface RoomAuditOptions {
  readonly feed: Pick<RoomFeed, 'inspect' | 'readAgain'>;
  /** The rooms as they are known; others once everything was read anew. */
  readonly rooms: () => Rooms;
  /** Whether all rooms are known and followed, and nothing else waits to be asked. */
  readonly isIdle: () => boolean;
  /** The pause before each room, in ms; 0: no room is ever looked at. */
  readonly intervalMs: number;
  /** How long after a difference was found the room is read again to prove it, in ms. */
  readonly confirmAfterMs?: number;
  readonly metrics: Pick<TrackerMetrics, 'countAuditedRoom' | 'countAuditDrift'>;
  readonly logger: Logger;
}

/** An event that says the same as an answer comes within milliseconds of it. */
const CONFIRM_AFTER_MS = 2_000;
/** So often a room is read in its turn, where what is found differs from time to time. */
const READINGS = 4;

export class RoomAudit {
  #end = new AbortController();
  /** The room that is being looked at. */
  #suspicion: Suspicion | undefined;
  #rooms: Rooms | undefined;
  #turn: Iterator<string> | undefined;

  constructor(private readonly options: RoomAuditOptions) {}

  /** Begins, or begins anew, to look. */
  start(): void {
    this.stop();
    if (this.options.intervalMs === 0) return;
    this.#end = new AbortController();
    void this.#run(this.#end.signal);
  }

  /** Looks at no further room. */
  stop(): void {
    this.#end.abort();
    this.#suspicion = undefined;
  }

  /** Something happened in a room: told before the next answer of the server is held against it. */
  onRoomEvent(roomId: string, event: RoomEvent): void {
    if (this.#suspicion?.room.roomId === roomId) this.#suspicion.forget(event);
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { intervalMs, isIdle, logger } = this.options;
    while (!signal.aborted) {
      await delay(intervalMs, signal);
      if (signal.aborted) return;
      if (!isIdle()) continue;
      const room = this.#nextRoom();
      if (room === undefined) continue;
      try {
        await this.#look(room, signal);
      } catch (err) {
        // Whether rooms can be read at all is for the feed to see and say.
        if (!signal.aborted) logger.debug({ err, roomId: room.roomId }, 'a room was not audited');
      }
      if (!signal.aborted) this.#suspicion = undefined;
    }
  }

  async #look(room: Room, signal: AbortSignal): Promise<void> {
    const { feed, metrics, logger, confirmAfterMs = CONFIRM_AFTER_MS } = this.options;
    const suspicion = new Suspicion(room);
    this.#suspicion = suspicion;
    await this.#read(suspicion, signal);
    if (signal.aborted) return;
    metrics.countAuditedRoom();
    // What is found late is proved too, before reading the room again puts all of it right.
    for (let reading = 2; !suspicion.isSettled && reading <= READINGS; reading += 1) {
      await delay(confirmAfterMs, signal);
      if (signal.aborted) return;
      suspicion.beginReading();
      await this.#read(suspicion, signal);
    }
    const { proved } = suspicion;
    if (signal.aborted || proved.length === 0) return;
    const { roomId } = room;
    const counts = countKinds(proved);
    for (const [kind, count] of counts) metrics.countAuditDrift(kind, count);
    logger.warn(
      { roomId, ...Object.fromEntries(counts) },
      'a room was not what the server says; reading it again',
    );
    logger.debug({ roomId, differences: proved }, 'what was different');
    await feed.readAgain(roomId);
  }

  async #read(suspicion: Suspicion, signal: AbortSignal): Promise<void> {
    const { feed, rooms } = this.options;
    const { roomId } = suspicion.room;
    await feed.inspect(roomId, (part) => {
      if (!signal.aborted) suspicion.hold(rooms().get(roomId), part);
    });
  }

  /** One after another, those included that came meanwhile; after the last the first again. */
  #nextRoom(): Room | undefined {
    const rooms = this.options.rooms();
    if (rooms !== this.#rooms) this.#turn = undefined;
    this.#rooms = rooms;
    let next = this.#turn?.next();
    if (next === undefined || next.done === true) {
      this.#turn = rooms.keys();
      next = this.#turn.next();
    }
    return next.done === true ? undefined : rooms.get(next.value);
  }
}

function countKinds(differences: readonly Difference[]): [Difference['kind'], number][] {
  return DIFFERENCE_KINDS.flatMap((kind) => {
    const { length } = differences.filter((each) => each.kind === kind);
    return length === 0 ? [] : [[kind, length]];
  });
}
