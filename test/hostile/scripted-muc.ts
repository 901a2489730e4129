/**
 * MUC services as a script behind the fake XMPP server: persistent rooms with people in them, that
 * a component joins and asks about. A test says what is true, and how answers are spoilt.
 */
import { bareJid, domainOf, resourceOf } from '@conference/muc';
import type { Element } from 'ltx';
import { escapeXML } from 'ltx';
import type { FakeXmppLink } from '../servers/fake-xmpp-link.js';
import { errorOf, type FakeXmppServer, resultOf } from '../servers/fake-xmpp-server.js';

const MUC = 'http://jabber.org/protocol/muc';
const DISCO = 'http://jabber.org/protocol/disco';
const COMMANDS = 'http://jabber.org/protocol/commands';
const LISTING = 'http://prosody.im/protocol/muc#destroy';

/** One room as it is. */
export interface ScriptedRoom {
  readonly name: string;
  /** Roles by nick. */
  readonly occupants: Map<string, string>;
  readonly owners: readonly string[];
  readonly subject: string;
}

export class ScriptedMuc {
  /** By room JID. */
  readonly rooms = new Map<string, ScriptedRoom>();
  /** Sends the answer to an IQ; a test may send something else. */
  sendAnswer: (answer: string, iq: Element, link: FakeXmppLink) => void = (answer, _iq, link) =>
    link.send(answer);

  constructor(server: FakeXmppServer) {
    server.behaviour.onStanza = (stanza, link) => {
      if (stanza.name === 'iq') this.sendAnswer(this.#answer(stanza), stanza, link);
      else if (stanza.name === 'presence') this.#handlePresence(stanza, link);
    };
  }

  /** Makes a room with its people, each a participant. */
  make(roomJid: string, ...nicks: readonly string[]): ScriptedRoom {
    const room = {
      name: `Name of ${roomJid}`,
      occupants: new Map(nicks.map((nick) => [nick, 'participant'])),
      owners: ['owner@localhost'],
      subject: `Subject of ${roomJid}`,
    };
    this.rooms.set(roomJid, room);
    return room;
  }

  /** Somebody comes into a room, which tells it. */
  join(roomJid: string, nick: string, link: FakeXmppLink): void {
    this.rooms.get(roomJid)?.occupants.set(nick, 'participant');
    link.send(presenceOf(roomJid, nick, 'participant'));
  }

  #handlePresence(presence: Element, link: FakeXmppLink): void {
    const to = presence.attrs['to'] ?? '';
    const roomJid = bareJid(to);
    const nick = resourceOf(to) ?? '';
    const from = presence.attrs['from'] ?? '';
    const room = this.rooms.get(roomJid);
    if (room === undefined) return;
    if (presence.attrs['type'] === 'unavailable') {
      link.send(presenceOf(roomJid, nick, 'none', from, " type='unavailable'", '110'));
      return;
    }
    const shown = [...room.occupants].map(([each, role]) => presenceOf(roomJid, each, role));
    const subject =
      `<message type='groupchat' from='${escapeXML(roomJid)}'>` +
      `<subject>${escapeXML(room.subject)}</subject></message>`;
    link.send(
      `${shown.join('')}${presenceOf(roomJid, nick, 'moderator', from, '', '110')}${subject}`,
    );
  }

  #answer(iq: Element): string {
    const to = iq.attrs['to'] ?? '';
    const [question] = iq.getChildElements();
    if (question?.is('command', COMMANDS)) return resultOf(iq, this.#listing(question, to));
    if (question?.name !== 'query') return errorOf(iq, 'service-unavailable');
    const wrap = (inner: string): string =>
      resultOf(iq, `<query xmlns='${question.attrs['xmlns']}'>${inner}</query>`);
    if (!to.includes('@')) return this.#answerForService(iq, question, wrap);
    const room = this.rooms.get(to);
    if (room === undefined) return errorOf(iq, 'item-not-found');
    if (question.is('query', `${DISCO}#info`)) {
      return wrap(`<identity category='conference'/><feature var='muc_persistent'/>`);
    }
    if (question.is('query', `${MUC}#admin`)) {
      return wrap(listOf(room, question.getChild('item')?.attrs ?? {}));
    }
    if (!question.is('query', `${MUC}#owner`)) return errorOf(iq, 'service-unavailable');
    return wrap(
      `<x xmlns='jabber:x:data' type='form'>${field('muc#roomconfig_persistentroom', '1')}` +
        `${field('muc#roomconfig_roomname', room.name)}</x>`,
    );
  }

  #answerForService(iq: Element, question: Element, wrap: (inner: string) => string): string {
    if (question.is('query', `${DISCO}#info`)) {
      return wrap(`<identity category='conference'/><feature var='${MUC}'/>`);
    }
    if (question.is('query', `${DISCO}#items`) && question.attrs['node'] === COMMANDS) {
      return wrap(`<item jid='${iq.attrs['to']}' node='${LISTING}'/>`);
    }
    return errorOf(iq, 'service-unavailable');
  }

  #listing(command: Element, mucService: string): string {
    const roomJids = [...this.rooms.keys()].filter((jid) => domainOf(jid) === mucService);
    const options = roomJids.map((jid) => `<option><value>${escapeXML(jid)}</value></option>`);
    const form =
      command.attrs['action'] === 'cancel'
        ? ''
        : `<x xmlns='jabber:x:data'><field var='rooms'>${options.join('')}</field></x>`;
    return `<command xmlns='${COMMANDS}' node='${LISTING}' sessionid='1'>${form}</command>`;
  }
}

function listOf(room: ScriptedRoom, asked: Readonly<Record<string, string | undefined>>): string {
  if (asked['affiliation'] === 'owner') {
    return room.owners.map((jid) => `<item affiliation='owner' jid='${jid}'/>`).join('');
  }
  const listed = [...room.occupants].filter(([, role]) => role === asked['role']);
  return listed
    .map(([nick, role]) => `<item nick='${escapeXML(nick)}' role='${role}' affiliation='none'/>`)
    .join('');
}

function field(name: string, value: string): string {
  return `<field var='${name}'><value>${escapeXML(value)}</value></field>`;
}

/** Somebody's presence in a room, as XML. */
export function presenceOf(
  roomJid: string,
  nick: string,
  role: string,
  jid = 'somebody@localhost/phone',
  type = '',
  code = '',
): string {
  return (
    `<presence from='${escapeXML(`${roomJid}/${nick}`)}'${type} id='1'>` +
    `<x xmlns='${MUC}#user'><item affiliation='none' role='${role}' jid='${escapeXML(jid)}'/>` +
    `${code === '' ? '' : `<status code='${code}'/>`}</x></presence>`
  );
}
