/**
 * The port through which the tracker learns of the rooms of one MUC service. How (by joining, or
 * from a module inside the server) stays on the other side: nothing past this port knows.
 */
import type {
  ListedAffiliation,
  Occupant,
  PresentRole,
  Room,
  RoomConfiguration,
  RoomEvent,
} from '@conference/muc';
import type { Element } from 'ltx';

/** A way to follow the rooms of one MUC service over the component's connection. */
export interface RoomFeed {
  /** A new stream is up: read everything anew. */
  onOnline(): void;
  /** The stream is gone: nothing of it counts any more. */
  onOffline(): void;
  /** A presence or message whose sender lies in the MUC service's domain; never throws. */
  onStanza(stanza: Element): void;
  /**
   * Asks the server what a room is like, changing nothing, and hands over each part synchronously
   * at its place in the stream. Of a room of which something is still being found out, or that
   * cannot be asked, it hands over nothing. Fails as XmppConnection.request.
   */
  inspect(roomId: string, onPart: (part: RoomPart) => void): Promise<void>;
  /** Reads again a room that is known to be other than it is told. Never rejects. */
  readAgain(roomId: string): Promise<void>;
  /** Ends politely: leaves what it entered. May be called twice. */
  stop(): Promise<void>;
}

/** Part of what a room is, as the server has just said. */
export type RoomPart =
  /** There is no such room. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'configuration'; readonly configuration: RoomConfiguration }
  | { readonly kind: 'subject'; readonly subject: string }
  /** All who are in with this role, the tracker left out. */
  | {
      readonly kind: 'role';
      readonly role: PresentRole;
      readonly occupants: readonly Pick<Occupant, 'nick' | 'bareJid'>[];
    }
  | {
      readonly kind: 'affiliation';
      readonly affiliation: ListedAffiliation;
      readonly bareJids: readonly string[];
    };

/** What keeps a feed from reading or following everything. */
export interface FeedTrouble {
  /** A sentence for people that names no room: anybody may be shown it. */
  readonly reason: string;
  /** Which rooms it is about, for those who run the tracker; absent where it is about all. */
  readonly detail?: string;
}

/** The trouble of a failure that concerns no single room. */
export function troubleOf(failure: unknown): FeedTrouble {
  return { reason: failure instanceof Error ? failure.message : String(failure) };
}

/** Where a feed tells what it learns; called synchronously, in the order of the stream. */
export interface RoomFeedListener {
  /** A room was read whole; it replaces what was known, dates excepted. The feed keeps reading it. */
  onRoomRead(room: Room): void;
  /**
   * Somebody is about to be told as gone, and it may be the server that stops: if the link goes
   * within moments, the departure is to be taken back.
   */
  onDoubtfulDeparture(roomId: string, nick: string): void;
  /** Something happened in a room that was read before. */
  onRoomEvent(roomId: string, event: RoomEvent): void;
  /** The room does not exist any more; a later one of the same name is a new room. */
  onRoomGone(roomId: string): void;
  /** The room exists and cannot be read: what is known of it stays. */
  onRoomUnreadable(roomId: string, condition: string): void;
  /** Why not everything can be read or followed; undefined when that is over. */
  onTrouble(trouble: FeedTrouble | undefined): void;
  /** Every room of the service has been read since the stream came up, or the last interruption. */
  onSynchronised(): void;
  /** Something was missed though the stream is up: everything is read again. */
  onInterrupted(): void;
}
