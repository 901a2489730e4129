/**
 * What each site is told of the MUC services, as bytes: made again only when it says something
 * else. Sites that see the same services share them.
 */
import { serialiseCapabilities } from '@conference/rest-contract';
import { BodyPart } from './body-part.js';
import { ListVersion } from './list-version.js';
import { mayHoldRooms, type ServicePicture } from './service-picture.js';
import type { OwnedRooms } from './site.js';

interface KeptAnswer {
  readonly text: string;
  readonly version: ListVersion;
}

export class CapabilityAnswers {
  /** By the domains of the services that are described. */
  readonly #kept = new Map<string, KeptAnswer>();

  /** @param now the time in ms since 1970 */
  constructor(
    private readonly pictures: readonly ServicePicture[],
    private readonly now: () => number,
  ) {}

  /**
   * Every service in which the site may have rooms, as it is now; undefined while one of them is
   * not known, or none is followed. The same object until it says something else.
   */
  currentFor(rooms: OwnedRooms): ListVersion | undefined {
    const visible = this.pictures.filter((picture) => mayHoldRooms(picture, rooms));
    const described = visible.map((picture) => picture.describe());
    const known = described.filter((service) => service !== undefined);
    if (known.length === 0 || known.length < described.length) {
      return undefined;
    }
    const key = known.map(({ mucService }) => mucService).join(' ');
    const text = serialiseCapabilities(known);
    const kept = this.#kept.get(key);
    if (kept?.text === text) {
      return kept.version;
    }
    const version = new ListVersion([new BodyPart(() => text)], this.now());
    this.#kept.set(key, { text, version });
    return version;
  }
}
