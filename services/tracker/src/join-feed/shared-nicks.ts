/**
 * Nicks that several sessions of one user hold. They are one occupant, who leaves with the last.
 * - COMPAT(ejabberd 23.01): shows one session of a nick, and judges a departure by the address to
 *   which it is sent, which need not be the nick of who leaves (a client that changed its nick and
 *   is cut off sends it to the old one too). So it says that a nick left which others still hold,
 *   and is silent of who leaves by the address of a shared nick. The first is believed only when a
 *   role list says it too; for the second a room in which a nick is shared, or may have been since
 *   before our join, must be asked. The scenario shared-nick shows both.
 * - COMPAT(prosody 0.12): shows all sessions of a nick in each presence, and the departure of the
 *   last; nothing is in doubt. It is known by its own way of listing rooms, or by such a presence.
 */
import { resourceOf } from '@conference/muc';
import { detachText } from './detached-event.js';

/** What has been learnt of a service: whether its rooms show every session on a nick each time. */
export interface ServiceSight {
  showsEverySession: boolean;
}

export class SharedNicks {
  /** The session last shown on a nick. */
  readonly #sessions = new Map<string, string>();
  readonly #shared = new Set<string>();
  /** Shared nicks whose sessions have different roles, of which the room shows one. */
  readonly #mixed = new Set<string>();
  /** Nicks of which one session was shown for our join, where there may be more. */
  readonly #unproved = new Set<string>();

  constructor(private readonly sight: ServiceSight) {}

  /** Whether a nick is known to be shared. */
  get hasAny(): boolean {
    return !this.#isTold && this.#shared.size > 0;
  }

  /**
   * Whether sessions on one nick have different roles: the room tells nobody when the one leaves
   * whose role it shows.
   */
  get hasMixed(): boolean {
    return !this.#isTold && this.#mixed.size > 0;
  }

  /** Whether any nick may be shared without our knowing. */
  get isUnproved(): boolean {
    return !this.#isTold && this.#unproved.size > 0;
  }

  /** A nick is shown, with the full JIDs on it as far as we may see them. */
  see(nick: string, fullJids: readonly string[]): void {
    const [fullJid, another] = fullJids;
    if (another !== undefined) this.#trustService();
    if (fullJid === undefined || this.#isTold) return;
    const session = resourceOf(fullJid) ?? '';
    const known = this.#sessions.get(nick);
    if (known === undefined) this.#sessions.set(detachText(nick), detachText(session));
    else if (known !== session) this.#shared.add(detachText(nick));
  }

  /** Of these nicks one session was shown for our join; each in memory of its own. */
  beginProof(nicks: Iterable<string>): void {
    if (this.#isTold) return;
    for (const nick of nicks) this.#unproved.add(nick);
  }

  /** A shared nick is shown with another role than before: another session's, or a new one. */
  seeOtherRole(nick: string): void {
    if (this.#shared.has(nick)) this.#mixed.add(detachText(nick));
  }

  /** All roles were listed: these nicks have several. Of those told of meanwhile it is not known. */
  endMixing(mixed: Iterable<string>, told: ReadonlySet<string>): void {
    keepOnly(this.#mixed, told);
    for (const nick of mixed) this.#mixed.add(detachText(nick));
  }

  /** A role list has each nick as often as it has sessions. */
  seeListed(nicks: readonly string[]): void {
    if (this.#isTold) return;
    const seen = new Set<string>();
    for (const nick of nicks) {
      if (seen.has(nick)) this.#shared.add(detachText(nick));
      seen.add(nick);
    }
  }

  /** All role lists were read. Of those told of meanwhile it is not known yet. */
  endProof(told: ReadonlySet<string> = new Set()): void {
    keepOnly(this.#unproved, told);
  }

  /** Whether others may hold the nick on when its departure is told. */
  mayBeShared(nick: string): boolean {
    return !this.#isTold && (this.#shared.has(nick) || this.#unproved.has(nick));
  }

  /** A session takes another nick, and is the last on the old one. */
  move(nick: string, newNick: string): void {
    const session = this.#shared.has(nick) ? undefined : this.#sessions.get(nick);
    const isTaken = this.#sessions.has(newNick);
    this.forget(nick);
    if (isTaken) this.#shared.add(detachText(newNick));
    else if (session !== undefined) this.#sessions.set(detachText(newNick), session);
  }

  forget(nick: string): void {
    this.#sessions.delete(nick);
    this.#shared.delete(nick);
    this.#mixed.delete(nick);
    this.#unproved.delete(nick);
  }

  forgetAll(): void {
    this.#sessions.clear();
    this.#shared.clear();
    this.#mixed.clear();
    this.#unproved.clear();
  }

  get #isTold(): boolean {
    return this.sight.showsEverySession;
  }

  #trustService(): void {
    this.forgetAll();
    this.sight.showsEverySession = true;
  }
}

function keepOnly(nicks: Set<string>, kept: ReadonlySet<string>): void {
  for (const nick of nicks) if (!kept.has(nick)) nicks.delete(nick);
}
