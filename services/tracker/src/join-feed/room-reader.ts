/**
 * Reads one room whole: whether it exists, a join, the affiliation lists, the owner's form.
 * Nobody is joined who does not exist: a join would create the room, and for a service's
 * administrator even raise a destroyed one from its tombstone.
 */
import { ConferenceError, LISTED_AFFILIATIONS, roomJid } from '@conference/muc';
import type { PresentRole } from '@conference/muc';
import { buildJoin } from '@conference/muc-stanza';
import type { JoinAnswer } from './joined-room-listener.js';
import type { JoinedRoom } from './joined-room.js';
import type { RoomRequests } from '../room-requests.js';

export type ReadResult =
  /** Read, and we are in. */
  | { readonly kind: 'joined' }
  /** Read without entering: temporary and empty before we came, so that our going would end it. */
  | { readonly kind: 'watched' }
  /** There is no such room; a tombstone is none. */
  | { readonly kind: 'absent'; readonly isTombstone: boolean }
  /** The room was created by our own join, a moment after it had ended. */
  | { readonly kind: 'created' }
  | { readonly kind: 'refused'; readonly condition: string };

/** How many other nicks are tried when somebody else has ours. */
const NICK_ATTEMPTS = 10;

export interface RoomReaderOptions {
  readonly requests: RoomRequests;
  readonly nick: string;
  /** Resolves with the room's answer to the join that was just sent; fails with `timeout`. */
  readonly awaitJoinAnswer: (send: () => Promise<void>) => Promise<JoinAnswer>;
}

/** Reads the room into `joined.room`; fails as XmppConnection.request. */
export async function readRoom(
  joined: JoinedRoom,
  options: RoomReaderOptions,
): Promise<ReadResult> {
  const { requests } = options;
  const { roomId } = joined.room;
  const existence = await probe(requests, roomId);
  if (existence.kind !== 'exists') return existence;
  const { features, occupants } = existence.info;
  if (features.has('muc_temporary') && occupants === 0) {
    return orRefusal(readLists(joined, requests).then(() => ({ kind: 'watched' })));
  }
  return orRefusal(enter(joined, options, features.has('muc_passwordprotected')));
}

async function enter(
  joined: JoinedRoom,
  options: RoomReaderOptions,
  needsPassword: boolean,
): Promise<ReadResult> {
  const { requests } = options;
  const { ownJid, mucService } = requests.options;
  const { roomId } = joined.room;
  const password = needsPassword
    ? await requests.configuration(roomId, (form) => form.password)
    : undefined;
  for (let attempt = 0; ; attempt += 1) {
    const nick = attempt === 0 ? options.nick : `${options.nick}-${attempt + 1}`;
    const answer = await options.awaitJoinAnswer(async () => {
      joined.beginJoin(nick);
      const to = roomJid(roomId, mucService);
      await requests.options.connection.send(
        buildJoin({ from: ownJid, roomJid: to, nick, password }),
      );
    });
    if (answer.kind === 'joined') {
      if (answer.wasCreated) return { kind: 'created' };
      break;
    }
    if (answer.condition !== 'conflict' || attempt === NICK_ATTEMPTS) return answer;
  }
  // Read after the join: the replies stand behind it in the stream, so no change falls between.
  await readLists(joined, requests);
  return { kind: 'joined' };
}

async function readLists(joined: JoinedRoom, requests: RoomRequests): Promise<void> {
  const { roomId } = joined.room;
  joined.beginConfigurationRead();
  await Promise.all([
    readAffiliations(joined, requests),
    requests
      .configuration(roomId, ({ configuration }) =>
        joined.applyRead({ kind: 'configuration-read', configuration }),
      )
      .finally(() => joined.endConfigurationRead()),
  ]);
  // The presence of those is shown to nobody; there are none in most rooms.
  await readRoles(joined, requests, joined.hiddenRoles);
}

/** Asks for all affiliation lists. Fails as XmppConnection.request. */
export async function readAffiliations(joined: JoinedRoom, requests: RoomRequests): Promise<void> {
  await Promise.all(
    LISTED_AFFILIATIONS.map((affiliation) =>
      requests.affiliations(joined.room.roomId, affiliation, (bareJids) =>
        joined.applyRead({ kind: 'affiliation-listed', affiliation, bareJids }),
      ),
    ),
  );
}

/** Asks who has one of these roles. Fails as XmppConnection.request. */
export async function readRoles(
  joined: JoinedRoom,
  requests: RoomRequests,
  roles: readonly PresentRole[],
): Promise<void> {
  await Promise.all(
    roles.map((role) =>
      requests.roles(joined.room.roomId, role, (occupants) =>
        joined.others.listings.applyRole(role, occupants),
      ),
    ),
  );
  joined.endIfAbandoned();
}

type Existence =
  | { readonly kind: 'exists'; readonly info: Awaited<ReturnType<RoomRequests['roomInfo']>> }
  | Extract<ReadResult, { kind: 'absent' }>
  | Extract<ReadResult, { kind: 'refused' }>;

/** Asks whether a room exists, without entering or creating it. */
export async function probe(requests: RoomRequests, roomId: string): Promise<Existence> {
  try {
    return { kind: 'exists', info: await requests.roomInfo(roomId) };
  } catch (error) {
    if (!(error instanceof ConferenceError) || error.code !== 'stanza-error') throw error;
    const condition = error.condition ?? 'undefined-condition';
    if (condition === 'item-not-found') return { kind: 'absent', isTombstone: false };
    if (condition === 'gone') return { kind: 'absent', isTombstone: true };
    if (isPassing(condition)) throw error;
    return { kind: 'refused', condition };
  }
}

/** Refusals that the same request may not meet again. @see RFC 6120, 8.3.2 (type wait) */
function isPassing(condition: string): boolean {
  return [
    'internal-server-error',
    'recipient-unavailable',
    'remote-server-not-found',
    'remote-server-timeout',
    'resource-constraint',
    'unexpected-request',
  ].includes(condition);
}

async function orRefusal(reading: Promise<ReadResult>): Promise<ReadResult> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof ConferenceError) || error.code !== 'stanza-error') throw error;
    const condition = error.condition ?? 'undefined-condition';
    if (isPassing(condition)) throw error;
    return { kind: 'refused', condition };
  }
}
