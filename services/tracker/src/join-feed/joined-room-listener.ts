/** What a joined room tells the one who follows it. */
import type { ListedAffiliation, RoomEvent } from '@conference/muc';

/** Why the room can no longer be followed as it was. */
export type RoomEnd =
  /** The server says that it was destroyed. */
  | 'destroyed'
  /** We are out (kicked, cut off): read it again. */
  | 'lost'
  /** We are in without the right to see real JIDs: leave, and read it again. */
  | 'demoted'
  /** Temporary, and nobody but us is in: leave, so that it can end. */
  | 'abandoned';

export type JoinAnswer =
  | { readonly kind: 'joined'; readonly wasCreated: boolean }
  | { readonly kind: 'refused'; readonly condition: string };

export interface JoinedRoomListener {
  /** An event in a room that has been handed over; it must be applied to the room at once. */
  onEvent(event: RoomEvent): void;
  /** Somebody is about to be told as gone, unless it is the server that stops. */
  onDoubtfulDeparture(nick: string): void;
  /** Once, if the listener then calls `end` or `beginLeaving`. */
  onEnd(end: RoomEnd): void;
  /** The presence tells other affiliations than the lists: these lists must be read again. */
  onDoubtfulAffiliations(lists: readonly ListedAffiliation[]): void;
  /** The last session on a nick left, or one of several: only role lists tell which. */
  onSharedDeparture(nick: string): void;
  /** The configuration changed; its values must be read. */
  onConfigurationChanged(): void;
  /** Another tracker is shown under this nick: one that died or hangs keeps the room from ending. */
  onOtherTracker(nick: string): void;
  /** The room's answer to our join. */
  onJoinAnswer(answer: JoinAnswer): void;
}
