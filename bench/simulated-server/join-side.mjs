/** What a simulated server answers and tells to who joins its rooms. @see XEP-0045 */
import { attributeOf } from '../stanza-text.mjs';
import { visitorOf } from './rooms.mjs';

const MUC = 'http://jabber.org/protocol/muc';
const PAGE_SIZE = 100;

export class JoinSide {
  /** Number of a room → the nick under which the component is in it. */
  #joined = new Map();
  #component;

  constructor(rooms, mucService, write) {
    Object.assign(this, { rooms, mucService, write });
  }

  end() {
    this.#joined.clear();
  }

  /** Takes a question to the service or to a room; returns whether it could be answered. */
  takeQuestion(text, to, reply) {
    const number = this.rooms.numberOf(to.slice(0, to.lastIndexOf('@')));
    if (text.includes('disco#info')) {
      reply(this.#info(number));
    } else if (text.includes('disco#items') && text.includes('<max>')) {
      reply(this.#page(/<after>([^<]*)</.exec(text)?.[1]));
    } else if (text.includes('muc#admin') && number !== undefined) {
      const role = /role=["'](\w+)["']/.exec(text)?.[1];
      const affiliation = /affiliation=["'](\w+)["']/.exec(text)?.[1];
      const items =
        role === undefined ? this.#affiliated(number, affiliation) : this.#present(number, role);
      reply(`<query xmlns="${MUC}#admin">${items.join('')}</query>`);
    } else if (text.includes('muc#owner') && number !== undefined) {
      reply(this.#form(number));
    } else {
      return false;
    }
    return true;
  }

  /** Takes a join or a leave. */
  takePresence(text) {
    const to = attributeOf(text, 'to');
    const nick = to.slice(to.indexOf('/') + 1);
    const number = this.rooms.numberOf(to.slice(0, to.lastIndexOf('@')));
    if (number === undefined) return;
    this.#component = attributeOf(text, 'from');
    const own = { nick, role: 'moderator', affiliation: 'owner', jid: this.#component };
    if (attributeOf(text, 'type') === 'unavailable') {
      this.#joined.delete(number);
      this.#sendPresence(number, { ...own, role: 'none' }, '<status code="110"/>');
      return;
    }
    this.#joined.set(number, nick);
    for (const person of this.#people(number)) this.#sendPresence(number, person);
    this.#sendPresence(number, own, '<status code="110"/>');
    this.#sendSubject(number);
  }

  tellPresent(number, person) {
    if (this.#joined.has(number)) this.#sendPresence(number, person);
  }

  tellGone(number, person) {
    if (this.#joined.has(number)) this.#sendPresence(number, { ...person, role: 'none' });
  }

  tellVisitor(number, affiliation) {
    if (!this.#joined.has(number)) return;
    const item = `<item jid="${visitorOf(number)}" role="none" affiliation="${affiliation}"/>`;
    this.write(
      `<message from="${this.#roomJid(number)}" to="${this.#component}">` +
        `<x xmlns="${MUC}#user">${item}</x></message>`,
    );
  }

  tellSubject(number) {
    if (this.#joined.has(number)) this.#sendSubject(number);
  }

  #roomJid(number) {
    return `${this.rooms.roomId(number)}@${this.mucService}`;
  }

  #sendPresence(number, { nick, role, affiliation, jid }, status = '') {
    this.write(
      `<presence from="${this.#roomJid(number)}/${nick}" to="${this.#component}"` +
        `${role === 'none' ? ' type="unavailable"' : ''}><x xmlns="${MUC}#user">` +
        `<item affiliation="${affiliation}" jid="${jid}${jid.includes('/') ? '' : '/bench'}" ` +
        `role="${role}"/>${status}</x></presence>`,
    );
  }

  #sendSubject(number) {
    this.write(
      `<message type="groupchat" from="${this.#roomJid(number)}/nick0" to="${this.#component}">` +
        `<subject>${this.rooms.subject(number)}</subject></message>`,
    );
  }

  #info(number) {
    const name = number === undefined ? 'Chatrooms' : this.rooms.name(number);
    const features = [MUC, ...(number === undefined ? [] : ['muc_persistent', 'muc_open'])];
    return (
      `<query xmlns="http://jabber.org/protocol/disco#info">` +
      `<identity category="conference" type="text" name="${name}"/>` +
      `${features.map((feature) => `<feature var="${feature}"/>`).join('')}</query>`
    );
  }

  #page(after) {
    const begin = after === undefined ? 0 : (this.rooms.numberOf(after) ?? 0) + 1;
    const end = Math.min(begin + PAGE_SIZE, this.rooms.size);
    let text = '<query xmlns="http://jabber.org/protocol/disco#items">';
    for (let number = begin; number < end; number += 1) {
      text += `<item jid="${this.#roomJid(number)}"/>`;
    }
    const last = begin < end ? `<last>${this.rooms.roomId(end - 1)}</last>` : '';
    return (
      `${text}<set xmlns="http://jabber.org/protocol/rsm">${last}` +
      `<count>${this.rooms.size}</count></set></query>`
    );
  }

  *#people(number) {
    for (let index = 0; index < this.rooms.peopleOf(number); index += 1) {
      yield this.rooms.person(number, index);
    }
    for (const guest of this.rooms.guestsOf(number)) yield this.rooms.guest(number, guest);
  }

  #affiliated(number, asked) {
    return this.rooms
      .affiliations(number)
      .filter(({ affiliation }) => affiliation === asked)
      .map(({ jid, affiliation }) => `<item jid="${jid}" affiliation="${affiliation}"/>`);
  }

  #present(number, asked) {
    return [...this.#people(number)]
      .filter(({ role }) => role === asked)
      .map(
        ({ nick, role, affiliation, jid }) =>
          `<item nick="${nick}" role="${role}" affiliation="${affiliation}" jid="${jid}${jid.includes('/') ? '' : '/bench'}"/>`,
      );
  }

  #form(number) {
    const field = (name, value) =>
      `<field var="muc#roomconfig_${name}"><value>${value}</value></field>`;
    return (
      `<query xmlns="${MUC}#owner"><x xmlns="jabber:x:data" type="form">` +
      `<field var="FORM_TYPE" type="hidden"><value>${MUC}#roomconfig</value></field>` +
      field('roomname', this.rooms.name(number)) +
      field('roomdesc', this.rooms.description(number)) +
      `${field('persistentroom', '1')}</x></query>`
    );
  }
}
