/** The people of a benchmark: users of one component's domain that make rooms and fill them. */
import { openComponent, xml } from './component-session.mjs';
import { SITE_ID } from './services.mjs';

const MUC = 'http://jabber.org/protocol/muc';
const ROOMS_AT_ONCE = 32;

/** @param {Awaited<ReturnType<typeof import('./prosody.mjs').startProsody>>} server or another */
export async function openCrowd(server) {
  const { crowdPort, componentSecret, crowdDomain, mucService } = server;
  const component = await openComponent({
    port: crowdPort,
    domain: crowdDomain,
    secret: componentSecret,
  });
  return new Crowd(component, crowdDomain, mucService);
}

class Crowd {
  #component;
  #domain;
  #mucService;

  constructor(component, domain, mucService) {
    this.#component = component;
    this.#domain = domain;
    this.#mucService = mucService;
  }

  /** The roomId of the n-th room. */
  roomId(number) {
    return `room${String(number).padStart(5, '0')}|${SITE_ID}`;
  }

  roomJid(number) {
    return `${this.roomId(number)}@${this.#mucService}`;
  }

  /**
   * Makes rooms as they are in life: with a title, a subject, two affiliations besides the owner's.
   * @param {number} count
   * @param {(number: number) => number} occupantsOf how many stay in the n-th room
   * @param {{ isPersistent?: boolean }} options where they are not, somebody must stay in each, and
   *   thousands are made in seconds: Prosody's storage writes a list of all persistent ones anew
   *   for each that it gets
   */
  async makeRooms(count, occupantsOf, { isPersistent = true } = {}) {
    let next = 0;
    const work = async () => {
      while (next < count) {
        const number = next;
        next += 1;
        await this.#makeRoom(number, occupantsOf(number), isPersistent);
      }
    };
    await Promise.all(Array.from({ length: ROOMS_AT_ONCE }, work));
  }

  /** Throws away what arrives from now on. */
  deafen() {
    this.#component.deafen();
  }

  close() {
    this.#component.close();
  }

  async #makeRoom(number, occupants, isPersistent) {
    const room = this.roomJid(number);
    const owner = this.#user(0, number);
    await this.#component.join(owner, `${room}/nick0`);
    await this.#component.ask(
      ownerForm(owner, room, {
        FORM_TYPE: `${MUC}#roomconfig`,
        'muc#roomconfig_roomname': `Room ${number} of the house`,
        'muc#roomconfig_roomdesc': `What is spoken of in room number ${number}`,
        'muc#roomconfig_persistentroom': isPersistent ? '1' : '0',
      }),
    );
    await this.#setAffiliation(owner, room, `member${number}@localhost`, 'member');
    await this.#setAffiliation(owner, room, `outcast${number}@localhost`, 'outcast');
    const subject = xml('subject', {}, `The current subject in room ${number}`);
    await this.#component.send(
      xml('message', { from: owner, to: room, type: 'groupchat' }, subject),
    );
    for (let index = 1; index < occupants; index += 1) {
      await this.#component.join(this.#user(index, number), `${room}/nick${index}`);
    }
    if (occupants === 0) {
      await this.#component.leave(owner, `${room}/nick0`);
    }
  }

  /** Each room has people of its own: ejabberd lets nobody be in more than 100. */
  #user(index, number) {
    return `user${index}-${number}@${this.#domain}/bench`;
  }

  async #setAffiliation(from, room, jid, affiliation) {
    const item = xml('item', { jid, affiliation });
    const query = xml('query', { xmlns: `${MUC}#admin` }, item);
    await this.#component.ask(xml('iq', { type: 'set', from, to: room }, query));
  }
}

function ownerForm(from, room, fields) {
  const form = xml(
    'x',
    { xmlns: 'jabber:x:data', type: 'submit' },
    ...Object.entries(fields).map(([name, value]) =>
      xml('field', { var: name }, xml('value', {}, value)),
    ),
  );
  const query = xml('query', { xmlns: `${MUC}#owner` }, form);
  return xml('iq', { type: 'set', from, to: room }, query);
}
