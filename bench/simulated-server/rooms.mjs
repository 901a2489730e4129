/**
 * The rooms of a simulated server: what the n-th is follows from its number, so that a million take
 * no memory here; kept is only what traffic has changed. Each has three occupants, two affiliations
 * besides the owner, a title, a description and a subject, as in the other benchmarks.
 *
 * The first `fewRooms` belong to one site, all others to sites of a thousand. With `hallOccupants`
 * there is one room more, the last, with so many occupants instead of three.
 */
const PEOPLE = 3;
const ROOMS_PER_SITE = 1_000;
const NOTHING = [];

export class Rooms {
  /** Number of a room → nicks of guests who came by traffic. */
  #guests = new Map();
  #subjects = new Map();
  /** Number of a room → whether its visitor is a member now. */
  #visitors = new Map();

  /** @param {{ count: number, fewRooms: number, siteId: string, hallOccupants: number }} options */
  constructor(options) {
    this.options = options;
    this.size = options.count + (options.hallOccupants > 0 ? 1 : 0);
  }

  roomId(number) {
    const { count, fewRooms, siteId } = this.options;
    if (number === count) return `hall|${siteId}`;
    const site = number < fewRooms ? siteId : `site${Math.floor(number / ROOMS_PER_SITE)}`;
    return `room${String(number).padStart(7, '0')}|${site}`;
  }

  /** Of a roomId; undefined where there is no such room. */
  numberOf(roomId) {
    const number = roomId.startsWith('hall|')
      ? this.options.count
      : Number(/^room(\d{7})\|/.exec(roomId)?.[1] ?? Number.NaN);
    return number < this.size && this.roomId(number) === roomId ? number : undefined;
  }

  name(number) {
    return `Room ${number} of the house`;
  }

  description(number) {
    return `What is spoken of in room number ${number}`;
  }

  subject(number) {
    return this.#subjects.get(number) ?? `The current subject in room ${number}`;
  }

  setSubject(number, subject) {
    this.#subjects.set(number, subject);
  }

  /** How many there are, guests left out. */
  peopleOf(number) {
    return number === this.options.count ? this.options.hallOccupants : PEOPLE;
  }

  /** The index-th occupant; the first owns the room. */
  person(number, index) {
    return {
      nick: `nick${index}`,
      role: index === 0 ? 'moderator' : 'participant',
      affiliation: index === 0 ? 'owner' : 'none',
      jid: `user${index}-${number}@crowd.localhost`,
    };
  }

  guest(number, nick) {
    const jid = `${nick}-${number}@crowd.localhost`;
    return { nick, role: 'participant', affiliation: 'none', jid };
  }

  guestsOf(number) {
    return this.#guests.get(number) ?? NOTHING;
  }

  addGuest(number, nick) {
    const guests = this.#guests.get(number);
    if (guests === undefined) this.#guests.set(number, new Set([nick]));
    else guests.add(nick);
  }

  removeGuest(number, nick) {
    this.#guests.get(number)?.delete(nick);
  }

  /** Makes the visitor of a room a member, or takes that back; returns the affiliation. */
  toggleVisitor(number) {
    const isMember = !this.#visitors.get(number);
    this.#visitors.set(number, isMember);
    return isMember ? 'member' : 'none';
  }

  /** The lists of a room. */
  affiliations(number) {
    return [
      { jid: this.person(number, 0).jid, affiliation: 'owner' },
      { jid: `member${number}@localhost`, affiliation: 'member' },
      { jid: `outcast${number}@localhost`, affiliation: 'outcast' },
      ...(this.#visitors.get(number) ? [{ jid: visitorOf(number), affiliation: 'member' }] : []),
    ];
  }
}

/** The bare JID that traffic puts on the list of a room and takes off again. */
export function visitorOf(number) {
  return `visitor${number}@localhost`;
}
