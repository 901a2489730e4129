/**
 * The people of the load: some stay in each room, and one of these owns it and sees everything;
 * guests come and go. Each has a JID of their own, since ejabberd lets nobody be in more than a
 * hundred rooms.
 */
import { CYCLE, joinText, leaveText, moderationText, subjectText, talkText } from './actions.mjs';

/** Of a guest who never comes back into play: somebody whose last action got lost. */
const LONGEST_MS = 30_000;

export class People {
  /** What was done and has not been seen by the room's owner → when, in ms. */
  #awaited = new Map();
  /** Guests who are in a room and of whom nothing is awaited. */
  #idleGuests = [];
  #count = 0;

  /**
   * @param {{ rooms: number, people: number, domain: string, mucService: string, siteId: string }} options
   * @param {(text: string) => void} write
   * @param {() => number} nowMs
   */
  constructor(options, write, nowMs) {
    Object.assign(this, { options, write, nowMs });
    /** How long each action took until the owner saw it, in ms, and when marks were seen. */
    this.seenMs = [];
    this.marks = [];
  }

  get awaitedCount() {
    return this.#awaited.size;
  }

  /** How many have been awaited for longer than is worth waiting. */
  forgetLost() {
    let lost = 0;
    for (const [key, { atMs }] of this.#awaited) {
      if (this.nowMs() - atMs > LONGEST_MS) {
        this.#awaited.delete(key);
        lost += 1;
      }
    }
    return lost;
  }

  /** Guests leave until few are left: who came while the server was slow makes it slower. */
  thin(guests) {
    while (this.#idleGuests.length > guests) this.#actOnGuest('leave');
  }

  /** Those who stay come into a room, its owner first. */
  fill(number) {
    for (let index = 0; index < this.options.people; index += 1) {
      const nick = index === 0 ? 'owner' : `nick${index}`;
      this.write(joinText(this.#jid(nick, number), `${this.#roomJid(number)}/${nick}`));
      this.#await(`${number}/${nick}`);
    }
  }

  /** Somebody does something in a room. */
  act() {
    const kind = CYCLE[this.#count % CYCLE.length];
    this.#count += 1;
    const number = Math.floor(Math.random() * this.options.rooms);
    switch (kind) {
      case 'talk':
        this.write(talkText(this.#jid('nick1', number), this.#roomJid(number), `t${this.#count}`));
        this.#await(`t${this.#count}`);
        break;
      case 'subject':
        this.write(
          subjectText(this.#jid('owner', number), this.#roomJid(number), `mark ${this.#count}`),
        );
        this.#await(`mark ${this.#count}`);
        break;
      case 'join':
        this.#come(number);
        break;
      default:
        this.#actOnGuest(kind);
    }
  }

  /** Takes what the owner of a room is told. */
  takeSeen({ name, text }) {
    const from = / from=["']([^"']*)["']/.exec(text)[1];
    const number = Number(/^load(\d+)\|/.exec(from)?.[1]);
    if (name === 'presence') {
      const nick = from.slice(from.indexOf('/') + 1);
      const isThere = !/ type=["']unavailable["']/.test(text.slice(0, text.indexOf('>')));
      const wasAwaited = this.#settle(`${number}/${nick}`);
      if (wasAwaited && isThere && nick.startsWith('guest'))
        this.#idleGuests.push({ number, nick });
    } else if (name === 'message') {
      const said = /<(?:body|subject)>(t\d+|mark \d+)</.exec(text)?.[1];
      if (said === undefined || this.#settle(said) === undefined) return;
      if (said.startsWith('mark ')) this.marks.push([said, this.nowMs()]);
    }
  }

  #come(number) {
    const nick = `guest${this.#count}`;
    this.write(joinText(this.#jid(nick, number), `${this.#roomJid(number)}/${nick}`));
    this.#await(`${number}/${nick}`, { number, nick, isSilent: false, isMember: false });
  }

  #actOnGuest(kind) {
    const guest = this.#takeGuest();
    if (guest === undefined) {
      this.#come(Math.floor(Math.random() * this.options.rooms));
      return;
    }
    const { number, nick } = guest;
    const room = this.#roomJid(number);
    const from = this.#jid(nick, number);
    if (kind === 'leave') this.write(leaveText(from, `${room}/${nick}`));
    else {
      const item = moderate(kind, guest, from.slice(0, from.indexOf('/')));
      this.write(moderationText(this.#jid('owner', number), room, item));
    }
    this.#await(`${number}/${nick}`, guest);
  }

  /** Any idle guest; the place in the list is filled by the last one. */
  #takeGuest() {
    const index = Math.floor(Math.random() * this.#idleGuests.length);
    const guest = this.#idleGuests[index];
    const last = this.#idleGuests.pop();
    if (guest !== undefined && guest !== last) this.#idleGuests[index] = last;
    return guest;
  }

  #await(key, guest) {
    this.#awaited.set(key, { atMs: this.nowMs(), guest });
  }

  #settle(key) {
    const awaited = this.#awaited.get(key);
    if (awaited === undefined) return undefined;
    this.#awaited.delete(key);
    this.seenMs.push(this.nowMs() - awaited.atMs);
    return awaited;
  }

  #roomJid(number) {
    return `load${number}|${this.options.siteId}@${this.options.mucService}`;
  }

  #jid(nick, number) {
    return `${nick}-${number}@${this.options.domain}/load`;
  }
}

/** The item that does it; each time another than before, since the same again tells nobody. */
function moderate(kind, guest, bareJid) {
  const { nick } = guest;
  switch (kind) {
    case 'voice':
      guest.isSilent = !guest.isSilent;
      return `nick='${nick}' role='${guest.isSilent ? 'visitor' : 'participant'}'`;
    case 'affiliation':
      guest.isMember = !guest.isMember;
      // With another affiliation comes its usual role.
      guest.isSilent = false;
      return `jid='${bareJid}' affiliation='${guest.isMember ? 'member' : 'none'}'`;
    default:
      return `nick='${nick}' role='none'`;
  }
}
