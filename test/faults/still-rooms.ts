/**
 * Rooms in which nothing happens while a fault strikes, in front of which every answer can be held:
 * whatever differs in one of their rows, the fault has done.
 */
import type { RoomRow } from '@conference/muc';
import { type ChatClient, StanzaFailure } from '../support/chat-client.js';
import type { Stack } from '../support/stack.js';

interface StillRoom {
  readonly roomId: string;
  readonly isPersistent: boolean;
  /** Which of the people are in it; the first of all owns it. */
  readonly people: readonly number[];
}

const ROOMS: readonly StillRoom[] = [
  { roomId: 'still-empty', isPersistent: true, people: [] },
  { roomId: 'still-alone', isPersistent: true, people: [0] },
  { roomId: 'still-busy', isPersistent: true, people: [0, 1] },
  { roomId: 'still-brief', isPersistent: false, people: [1] },
];

export class StillRooms {
  /** As the list showed them before the fault. */
  rows: ReadonlyMap<string, RoomRow> = new Map();
  #people: readonly ChatClient[] = [];

  /**
   * @param connect logs one of the people in
   */
  constructor(
    private readonly stack: Stack,
    private readonly connect: (person: number) => Promise<ChatClient>,
  ) {}

  get roomIds(): readonly string[] {
    return ROOMS.map(({ roomId }) => roomId);
  }

  /** Brings everybody in who is not, and remembers the rows as they are then. */
  async stand(): Promise<void> {
    if (this.#people.length === 0 || this.#people.some(({ session }) => !session.isOnline)) {
      for (const person of this.#people) person.abort();
      this.#people = await Promise.all([this.connect(0), this.connect(1)]);
      for (const room of ROOMS) await this.#fill(room);
    }
    const rows = new Map<string, RoomRow>();
    for (const { roomId, people, isPersistent } of ROOMS) {
      const isRight = (row: RoomRow): boolean =>
        row.occupants === people.length && (!isPersistent || row.outcasts === 1);
      rows.set(roomId, await this.stack.waitForRow(roomId, isRight));
    }
    this.rows = rows;
  }

  async #fill({ roomId, people, isPersistent }: StillRoom): Promise<void> {
    const roomJid = this.stack.roomJid(roomId);
    const [owner] = this.#people;
    if (owner === undefined) throw new Error('nobody is there');
    if (isPersistent && !(await isKept(owner, roomJid))) {
      await owner.join(roomJid, 'owner');
      await owner.configure(roomJid, {
        'muc#roomconfig_persistentroom': '1',
        'muc#roomconfig_roomname': `Still, ${roomId}`,
      });
      await owner.setSubject(roomJid, `about ${roomId}`);
      await owner.setAffiliation(roomJid, 'absent@example.org', 'outcast');
      await owner.leave(roomJid);
    }
    for (const person of people) await this.#people[person]?.join(roomJid, `person-${person}`);
  }
}

/** Whether the server has the room, for good. */
async function isKept(asker: ChatClient, roomJid: string): Promise<boolean> {
  try {
    const { features } = await asker.discoInfo(roomJid);
    return features.includes('muc_persistent');
  } catch (error) {
    if (error instanceof StanzaFailure) return false;
    throw error;
  }
}
