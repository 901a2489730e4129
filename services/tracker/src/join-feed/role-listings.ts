/** Who is in a room by its role lists, which tell what presences do not. */
import type { Occupant, PresentRole, Room } from '@conference/muc';
import type { SharedNicks } from './shared-nicks.js';

export interface RoleListingsListener {
  /** Whether this real JID is a tracker's: no tracker is an occupant. */
  isTracker(bareJid: string): boolean;
  /** Whether a departure is on hold, since the server may be stopping: to be missed says no more. */
  isHeld(nick: string): boolean;
  /** All trackers that are in. @param told nicks of which a presence has told meanwhile */
  onTrackersListed(listed: readonly Occupant[], told: ReadonlySet<string>): void;
  /** Somebody is listed, in this role. */
  onListed(occupant: Occupant): void;
  /** Somebody known is not listed any more. */
  onMissed(nick: string): void;
}

export class RoleListings {
  /** For each listing of all roles that is under way: of whom something was told since it began. */
  #underWay: readonly Set<string>[] = [];

  constructor(
    private readonly room: Room,
    private readonly sharedNicks: SharedNicks,
    private readonly listener: RoleListingsListener,
  ) {}

  /** A presence tells of somebody. */
  noteTold(nick: string): void {
    for (const told of this.#underWay) told.add(nick);
  }

  /**
   * Takes over who has one role; its place in the stream makes it true.
   * @param listed one for each session
   */
  applyRole(role: PresentRole, listed: readonly Occupant[]): void {
    // A tracker is an owner, and with that a moderator.
    const people = this.#withoutTrackers(listed, role === 'moderator' ? new Set() : undefined);
    const nicks = people.map(({ nick }) => nick);
    this.sharedNicks.seeListed(nicks);
    for (const occupant of people) this.listener.onListed(occupant);
    const present = new Set(nicks);
    for (const known of [...this.room.occupants.values()]) {
      if (known.role === role && !present.has(known.nick)) this.#miss(known.nick);
    }
  }

  /** All roles are about to be listed. @returns what `end` is called with, in any case */
  begin(): ReadonlySet<string> {
    const told = new Set<string>();
    this.#underWay = [...this.#underWay, told];
    return told;
  }

  /**
   * The listing is over. Where all roles were listed it is known now who shares a nick, and who is
   * gone; whoever was told of meanwhile is left as told.
   * @param told what `begin` returned
   * @param listed one for each session, of all roles; undefined where they were not all listed
   */
  end(told: ReadonlySet<string>, listed?: readonly Occupant[]): void {
    this.#underWay = this.#underWay.filter((each) => each !== told);
    if (listed === undefined) return;
    const people = this.#withoutTrackers(listed, told);
    this.sharedNicks.seeListed(people.map(({ nick }) => nick));
    this.#takeOver(
      people.filter(({ nick }) => !told.has(nick)),
      told,
    );
    this.sharedNicks.endProof(told);
  }

  /** The server has no such lists: who shares a nick since before we came stays unknown. */
  giveUp(): void {
    this.sharedNicks.endProof();
  }

  #takeOver(people: readonly Occupant[], told: ReadonlySet<string>): void {
    const byNick = new Map<string, Occupant[]>();
    for (const each of people) byNick.set(each.nick, [...(byNick.get(each.nick) ?? []), each]);
    for (const [nick, [first, ...others]] of byNick) {
      // Of several roles the room shows one: the one that it has shown, while a session has it.
      const role = this.room.occupants.get(nick)?.role;
      const shown = [first, ...others].find((each) => each?.role === role) ?? first;
      if (shown !== undefined) this.listener.onListed(shown);
    }
    for (const { nick } of [...this.room.occupants.values()]) {
      if (!byNick.has(nick) && !told.has(nick)) this.#miss(nick);
    }
    const mixed = [...byNick].filter(([, all]) => new Set(all.map(({ role }) => role)).size > 1);
    this.sharedNicks.endMixing(
      mixed.map(([nick]) => nick),
      told,
    );
  }

  #miss(nick: string): void {
    if (!this.listener.isHeld(nick)) this.listener.onMissed(nick);
  }

  /** @param told where every tracker is listed: of whom a presence has told meanwhile */
  #withoutTrackers(
    listed: readonly Occupant[],
    told: ReadonlySet<string> | undefined,
  ): readonly Occupant[] {
    const isTracker = ({ bareJid }: Occupant): boolean =>
      bareJid !== undefined && this.listener.isTracker(bareJid);
    if (told !== undefined) this.listener.onTrackersListed(listed.filter(isTracker), told);
    return listed.filter((each) => !isTracker(each));
  }
}
