/** The feed of a simulated server. @see docs/feed-protocol.md */
import { randomUUID } from 'node:crypto';
import { attributeOf } from '../stanza-text.mjs';
import { visitorOf } from './rooms.mjs';

const NS = 'urn:xmpp:conference-feed:1';
const STANZA_CHARACTERS = 32 * 1024;
/** Changes are collected for so long, as by our module in Prosody. */
const COLLECT_MS = 3;

export class FeedSide {
  #life = randomUUID();
  #number = 0;
  #listener;
  /** Where the snapshot under way goes on: number of the room, and index of its next occupant. */
  #next = { page: 0, room: 0, person: 0 };
  #collected = [];
  #timer;

  constructor(rooms, mucService, write) {
    Object.assign(this, { rooms, mucService, write });
  }

  /** Takes a question to the service; returns whether it was one to the feed. */
  takeQuestion(text, reply) {
    if (text.includes('<subscribe ')) {
      this.#listener = attributeOf(text, 'from');
      this.#number = 0;
      this.#collected = [];
      reply(`<subscribed xmlns='${NS}' ${this.#place()}/>`);
    } else if (text.includes('<snapshot ')) {
      this.#flush();
      reply(this.#page(Number(/page=["'](\d+)["']/.exec(text)[1])));
    } else if (text.includes('<status ')) {
      this.#flush();
      const listening = this.#listener === undefined ? '' : ` listening='1'`;
      reply(`<status xmlns='${NS}' ${this.#place()}${listening}/>`);
    } else if (text.includes('<unsubscribe ')) {
      this.end();
      reply('');
    } else {
      return false;
    }
    return true;
  }

  end() {
    this.#listener = undefined;
  }

  tellPresent(number, person) {
    this.#tell(number, occupantText(person));
  }

  tellGone(number, person) {
    this.#tell(number, `<o n='${person.nick}' r='none'/>`);
  }

  tellVisitor(number, affiliation) {
    this.#tell(number, `<a j='${visitorOf(number)}' a='${affiliation}'/>`);
  }

  tellSubject(number) {
    this.#tell(number, this.#textsOf(number), summaryAttributes(number));
  }

  #tell(number, content, attributes = '') {
    if (this.#listener === undefined) return;
    this.#collected.push(`<room id='${this.rooms.roomId(number)}'${attributes}>${content}</room>`);
    this.#timer ??= setTimeout(() => this.#flush(), COLLECT_MS);
  }

  #flush() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    let rooms = '';
    for (const room of this.#collected) {
      rooms += room;
      if (rooms.length > STANZA_CHARACTERS) {
        this.#sendBatch(rooms);
        rooms = '';
      }
    }
    if (rooms !== '') this.#sendBatch(rooms);
    this.#collected = [];
  }

  #sendBatch(rooms) {
    this.#number += 1;
    this.write(
      `<message from='${this.mucService}' to='${this.#listener}'>` +
        `<batch xmlns='${NS}' ${this.#place()}>${rooms}</batch></message>`,
    );
  }

  #place() {
    return `life='${this.#life}' number='${this.#number}'`;
  }

  #page(page) {
    if (page === 0) this.#next = { page: 0, room: 0, person: 0 };
    const next = this.#next;
    let text = `<page xmlns='${NS}' ${this.#place()} rooms='${this.rooms.size}'>`;
    while (next.room < this.rooms.size && text.length < STANZA_CHARACTERS) {
      text += this.#part(next, STANZA_CHARACTERS - text.length);
    }
    next.page += 1;
    const more = next.room < this.rooms.size ? `<next>${next.page}</next>` : '';
    return `${text}${more}</page>`;
  }

  /** As much of the room at the place as fits; moves the place on. */
  #part(next, characters) {
    const number = next.room;
    const people = this.rooms.peopleOf(number);
    const isFirst = next.person === 0;
    let text =
      `<room id='${this.rooms.roomId(number)}' part='${isFirst ? 'first' : 'next'}'` +
      (isFirst ? `${summaryAttributes(number)}>${this.#textsOf(number)}` : '>');
    while (next.person < people && text.length < characters) {
      text += occupantText(this.rooms.person(number, next.person));
      next.person += 1;
    }
    if (next.person < people) return `${text}<more/></room>`;
    for (const nick of this.rooms.guestsOf(number)) {
      text += occupantText(this.rooms.guest(number, nick));
    }
    for (const { jid, affiliation } of this.rooms.affiliations(number)) {
      text += `<a j='${jid}' a='${affiliation}'/>`;
    }
    next.room += 1;
    next.person = 0;
    return `${text}</room>`;
  }

  #textsOf(number) {
    return (
      `<name>${this.rooms.name(number)}</name>` +
      `<description>${this.rooms.description(number)}</description>` +
      `<subject>${this.rooms.subject(number)}</subject>`
    );
  }
}

function occupantText({ nick, role, affiliation, jid }) {
  return `<o n='${nick}' r='${role}' a='${affiliation}' j='${jid}'/>`;
}

function summaryAttributes(number) {
  const createdMs = 1_700_000_000_000 + number;
  return ` created='${createdMs}' modified='${createdMs + 1_000}' persistent='1' hidden='1'`;
}
