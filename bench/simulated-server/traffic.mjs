/**
 * What happens in the rooms of a simulated server, at a set rate: of a hundred events 45 joins,
 * 45 leaves, 5 affiliations and 5 subjects. A subject is a mark: it holds the moment at which it
 * was told, so that whoever sees it knows how late.
 */
const TICK_MS = 2;
const WAITING_GUESTS = 1_000;
const MARK = 'mark ';

export class Traffic {
  /** Guests in the order in which they came. */
  #present = [];
  #guestCount = 0;
  #eventCount = 0;

  constructor(rooms, sides) {
    Object.assign(this, { rooms, sides });
  }

  /**
   * Resolves when it is over, with how many events there were.
   * @param {{ rate: number, seconds: number, only?: number }} options `only`: number of the one room
   *   in which all of it happens
   */
  async run({ rate, seconds, only }) {
    const startedMs = performance.now();
    let count = 0;
    for (;;) {
      const elapsedMs = performance.now() - startedMs;
      const due = Math.floor((Math.min(elapsedMs, seconds * 1_000) / 1_000) * rate);
      for (; count < due; count += 1) {
        this.#happen(only ?? Math.floor(Math.random() * this.rooms.options.count));
      }
      if (elapsedMs >= seconds * 1_000) return { events: count, tookMs: elapsedMs };
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
  }

  #happen(number) {
    this.#eventCount += 1;
    const turn = this.#eventCount % 20;
    if (turn === 0) {
      this.rooms.setSubject(number, markText());
      this.#tell((side) => side.tellSubject(number));
    } else if (turn === 10) {
      const affiliation = this.rooms.toggleVisitor(number);
      this.#tell((side) => side.tellVisitor(number, affiliation));
    } else if (turn % 2 === 1 || this.#present.length < WAITING_GUESTS) {
      this.#come(number);
    } else {
      this.#go();
    }
  }

  #come(number) {
    this.#guestCount += 1;
    const nick = `guest${this.#guestCount}`;
    this.rooms.addGuest(number, nick);
    this.#present.push({ number, nick });
    this.#tell((side) => side.tellPresent(number, this.rooms.guest(number, nick)));
  }

  #go() {
    const { number, nick } = this.#present.shift();
    this.rooms.removeGuest(number, nick);
    this.#tell((side) => side.tellGone(number, this.rooms.guest(number, nick)));
  }

  #tell(tell) {
    for (const side of this.sides) tell(side);
  }
}

function markText() {
  return `${MARK}${process.hrtime.bigint()}`;
}
