/** The feed that a MUC server's own module sends, without anybody being in a room. @see docs/feed-protocol.md */
import { isAffiliation, isPresentRole } from '@conference/muc';
import type { Affiliation, PresentRole, RoomConfiguration } from '@conference/muc';
import { createElement } from 'ltx';
import type { Element } from 'ltx';
import { NS } from './namespaces.js';

/** A place in what a feed has told: the sender's life and the number of its last batch. */
export interface FeedPlace {
  readonly life: string;
  readonly number: number;
}

/** What a feed says of one room, true at the moment of sending. */
export type FeedRoom =
  /** There was such a room and is no more; one told afterwards is another of the same name. */
  | { readonly kind: 'gone'; readonly roomId: string }
  /** There is such a room, and the server itself cannot read it. */
  | { readonly kind: 'unreadable'; readonly roomId: string }
  /** `first` begins the whole of a room, `next` goes on with it, `change` is part of one known. */
  | (FeedRoomState & { readonly kind: 'first' | 'next' | 'change' });

/** Part of a room's state; what is not in it is as it was told before. */
export interface FeedRoomState {
  readonly roomId: string;
  readonly summary?: FeedSummary;
  readonly occupants: readonly FeedOccupant[];
  readonly affiliations: readonly { readonly bareJid: string; readonly affiliation: Affiliation }[];
  /** More of the same room follows; until then it is not whole. */
  readonly hasMore: boolean;
  /** A ghost of the tracker is in the room; it is not among the occupants. */
  readonly hasTracker: boolean;
}

/** What is told of a room besides its people. */
export interface FeedSummary {
  readonly configuration: RoomConfiguration;
  readonly subject: string;
  /** ms since 1970; absent where the server does not know. */
  readonly creationMs?: number;
  readonly modificationMs?: number;
}

/** Under a nick there is somebody, or nobody any more (`role` none). */
export type FeedOccupant =
  | { readonly nick: string; readonly role: 'none' }
  | {
      readonly nick: string;
      readonly role: PresentRole;
      readonly affiliation: Affiliation;
      readonly bareJid?: string;
    };

/** Asks to be told of every change from now on; the answer is the place from which it goes on. */
export function buildFeedSubscribe(from: string, mucService: string): Element {
  return buildFeedIq('set', from, mucService, createElement('subscribe', { xmlns: NS.FEED }));
}

/** Ends the subscription; the answer is empty. */
export function buildFeedUnsubscribe(from: string, mucService: string): Element {
  return buildFeedIq('set', from, mucService, createElement('unsubscribe', { xmlns: NS.FEED }));
}

/** Asks for a page of the snapshot; the first is 0. */
export function buildFeedSnapshot(from: string, mucService: string, page: number): Element {
  const child = createElement('snapshot', { xmlns: NS.FEED, page: String(page) });
  return buildFeedIq('get', from, mucService, child);
}

/** Asks for one room as it is, beside all that is told; the first page is 0. */
export function buildFeedRoom(
  from: string,
  mucService: string,
  roomId: string,
  page: number,
): Element {
  const child = createElement('room', { xmlns: NS.FEED, id: roomId, page: String(page) });
  return buildFeedIq('get', from, mucService, child);
}

/** Asks for the sender's place, to see whether nothing was lost. */
export function buildFeedStatus(from: string, mucService: string): Element {
  return buildFeedIq('get', from, mucService, createElement('status', { xmlns: NS.FEED }));
}

function buildFeedIq(type: 'get' | 'set', from: string, to: string, child: Element): Element {
  return createElement('iq', { type, from, to }, child);
}

/** The place in the answer to a subscription; undefined where the answer is another. */
export function parseFeedSubscribed(reply: Element): FeedPlace | undefined {
  return parsePlace(reply.getChild('subscribed', NS.FEED));
}

/** The place in the answer to a status question, and whether we are the one who is told. */
export function parseFeedStatus(
  reply: Element,
): (FeedPlace & { readonly isListening: boolean }) | undefined {
  const status = reply.getChild('status', NS.FEED);
  const place = parsePlace(status);
  return place && { ...place, isListening: status?.attrs['listening'] === '1' };
}

/** One page of a snapshot. */
export interface FeedPage extends FeedPlace {
  readonly rooms: readonly FeedRoom[];
  /** How many rooms the whole snapshot has. */
  readonly total: number;
  /** Absent on the last. */
  readonly nextPage?: number;
}

/** Reads an answer; undefined where it is no page. */
export function parseFeedPage(reply: Element): FeedPage | undefined {
  const page = reply.getChild('page', NS.FEED);
  const place = parsePlace(page);
  if (page === undefined || place === undefined) return undefined;
  const next = page.getChildText('next');
  return {
    ...place,
    rooms: parseRooms(page),
    total: Number(page.attrs['rooms'] ?? 0),
    ...(next === null ? {} : { nextPage: Number(next) }),
  };
}

/** What changed, numbered. */
export interface FeedBatch extends FeedPlace {
  readonly rooms: readonly FeedRoom[];
}

/** Reads a message of the feed; undefined where it is another message. */
export function parseFeedBatch(message: Element): FeedBatch | undefined {
  const batch = message.getChild('batch', NS.FEED);
  const place = parsePlace(batch);
  if (batch === undefined || place === undefined) return undefined;
  return { ...place, rooms: parseRooms(batch) };
}

function parsePlace(element: Element | undefined): FeedPlace | undefined {
  const life = element?.attrs['life'];
  const number = Number(element?.attrs['number'] ?? Number.NaN);
  return life === undefined || !Number.isSafeInteger(number) ? undefined : { life, number };
}

function parseRooms(told: Element): FeedRoom[] {
  return told.getChildren('room').flatMap((room) => {
    const { id } = room.attrs;
    return id === undefined || id === '' ? [] : [parseRoom(room, id)];
  });
}

function parseRoom(room: Element, roomId: string): FeedRoom {
  const { gone, unreadable, part, tracker } = room.attrs;
  if (gone === '1') return { kind: 'gone', roomId };
  if (unreadable === '1') return { kind: 'unreadable', roomId };
  const summary = parseSummary(room);
  return {
    kind: part === 'first' || part === 'next' ? part : 'change',
    roomId,
    ...(summary === undefined ? {} : { summary }),
    occupants: room.getChildren('o').flatMap(parseOccupant),
    affiliations: room
      .getChildren('a')
      .flatMap(({ attrs: { j, a } }) =>
        j !== undefined && isAffiliation(a) ? [{ bareJid: j, affiliation: a }] : [],
      ),
    hasMore: room.getChild('more') !== undefined,
    hasTracker: tracker === '1',
  };
}

function parseSummary(room: Element): FeedSummary | undefined {
  const name = room.getChildText('name');
  if (name === null) return undefined;
  const { created, modified, persistent, max } = room.attrs;
  const creationMs = parseMilliseconds(created);
  const modificationMs = parseMilliseconds(modified);
  const maxUsers = Number(max ?? 0);
  return {
    configuration: {
      name,
      description: room.getChildText('description') ?? '',
      maxUsers: Number.isSafeInteger(maxUsers) && maxUsers > 0 ? maxUsers : 0,
      ...(max === undefined ? {} : { isMaxUsersTold: true }),
      isPersistent: persistent === '1',
    },
    subject: room.getChildText('subject') ?? '',
    ...(creationMs === undefined ? {} : { creationMs }),
    ...(modificationMs === undefined ? {} : { modificationMs }),
  };
}

/** The year 10000, whose dates are written otherwise, in ms since 1970. */
const END_OF_DATES_MS = 253_402_300_800_000;

function parseMilliseconds(text: string | undefined): number | undefined {
  const value = Number(text ?? Number.NaN);
  return Number.isSafeInteger(value) && value > 0 && value < END_OF_DATES_MS ? value : undefined;
}

function parseOccupant({ attrs: { n, r, a, j } }: Element): FeedOccupant[] {
  if (n === undefined) return [];
  if (!isPresentRole(r)) return [{ nick: n, role: 'none' }];
  return [
    {
      nick: n,
      role: r,
      affiliation: isAffiliation(a) ? a : 'none',
      ...(j === undefined ? {} : { bareJid: j }),
    },
  ];
}
