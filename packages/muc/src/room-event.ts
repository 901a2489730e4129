import type { Affiliation, ListedAffiliation } from './affiliation.js';
import type { Occupant } from './occupant.js';
import type { RoomConfiguration } from './room-configuration.js';

/**
 * Everything that can happen to a room's state, whoever tells of it. The first group are single
 * changes; those of the second replace what was known with what a fresh read says.
 */
export type RoomEvent =
  /** Somebody came, or the role, affiliation or JID under this nick changed. */
  | { readonly kind: 'occupant-present'; readonly occupant: Occupant }
  | { readonly kind: 'occupant-left'; readonly nick: string }
  | { readonly kind: 'nick-changed'; readonly nick: string; readonly newNick: string }
  /** `none` takes the JID off every list. */
  | {
      readonly kind: 'affiliation-set';
      readonly bareJid: string;
      readonly affiliation: Affiliation;
    }
  | { readonly kind: 'subject-set'; readonly subject: string }
  /** The configuration changed; its values follow as `configuration-read`. */
  | {
      readonly kind: 'configuration-changed';
      /** ms since 1970, where the server tells; just now where not. */
      readonly atMs?: number;
    }
  // Fresh reads
  | { readonly kind: 'configuration-read'; readonly configuration: RoomConfiguration }
  /** The room holds these nicks and no others. */
  | { readonly kind: 'occupants-confirmed'; readonly nicks: ReadonlySet<string> }
  /** The whole list of one affiliation. */
  | {
      readonly kind: 'affiliation-listed';
      readonly affiliation: ListedAffiliation;
      readonly bareJids: readonly string[];
    };

export type RoomEventKind = RoomEvent['kind'];
