/**
 * Nicks that several sessions of one user hold. They are one occupant, who leaves with the last.
 * - COMPAT(ejabberd 23.01): where one of them leaves by an address that is not its present nick (a
 *   client that changed its nick and is cut off), the room says that the nick left while others
 *   hold it. So the departure of a shared nick is believed only when a role list says it too.
 * - COMPAT(prosody 0.12): shows all sessions of a nick in each presence, and the departure of the
 *   last; nothing is in doubt.
 */
import { resourceOf } from '@conference/muc';
import { detachText } from './detached-event.js';

/** Stands for more than one session. */
const SEVERAL = Symbol('several');

export class SharedNicks {
  /** The session last shown on a nick. */
  readonly #sessions = new Map<string, string | typeof SEVERAL>();

  /** A nick is shown, with the full JIDs on it as far as we may see them. */
  see(nick: string, fullJids: readonly string[]): void {
    const [fullJid, another] = fullJids;
    if (another !== undefined) this.#sessions.delete(nick);
    if (fullJid === undefined || another !== undefined) return;
    const session = resourceOf(fullJid) ?? '';
    const known = this.#sessions.get(nick);
    if (known === undefined) this.#sessions.set(detachText(nick), detachText(session));
    else if (known !== session) this.#sessions.set(nick, SEVERAL);
  }

  isShared(nick: string): boolean {
    return this.#sessions.get(nick) === SEVERAL;
  }

  /** A session takes another nick; one of several leaves the others behind. */
  move(nick: string, newNick: string): void {
    const session = this.#sessions.get(nick);
    const isTaken = this.#sessions.has(newNick);
    this.#sessions.delete(nick);
    if (isTaken) this.#sessions.set(newNick, SEVERAL);
    else if (session !== undefined) this.#sessions.set(detachText(newNick), session);
  }

  forget(nick: string): void {
    this.#sessions.delete(nick);
  }

  forgetAll(): void {
    this.#sessions.clear();
  }
}
