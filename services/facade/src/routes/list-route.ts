/** `GET /v1/conference.json`: the rooms of a site. */
import { sendFailure } from '../answer.js';
import type { Authenticator } from '../authenticator.js';
import { acceptsGzip } from '../conditional-request.js';
import type { ExchangeHandler } from '../exchange.js';
import type { ListBody, ListVersion } from '../list-version.js';
import type { RoomLists } from '../room-lists.js';
import { listKeyOfSite } from '../room-ownership.js';
import { trustOf, type ServicePicture } from '../service-picture.js';
import type { CredentialsRefuser } from '../credentials-refuser.js';
import type { UnsentBodies } from '../unsent-bodies.js';
import { holdsVersion, sendVersion } from '../version-answer.js';

const RETRY_AFTER_SECONDS = '1';

export interface ListRouteOptions {
  readonly authenticator: Authenticator;
  readonly pictures: readonly ServicePicture[];
  readonly lists: Pick<RoomLists, 'listOf'>;
  readonly unsent: Pick<UnsentBodies, 'watch'>;
  readonly refuseCredentials: CredentialsRefuser;
  /** The time in ms since 1970. */
  readonly now: () => number;
}

export function createListRoute(options: ListRouteOptions): ExchangeHandler {
  const { authenticator, pictures, lists, unsent, refuseCredentials, now } = options;
  return (request, response) => {
    response.routeName = 'list';
    const { authorization, 'accept-encoding': acceptEncoding } = request.headers;
    const site =
      authorization === undefined ? undefined : authenticator.authenticate(authorization);
    if (!site) {
      return refuseCredentials(request, response);
    }
    const { isWhole, staleSinceMs } = trustOf(site.rooms, pictures);
    if (!isWhole) {
      sendFailure(response, 'picture-incomplete', {
        headers: ['Retry-After', RETRY_AFTER_SECONDS],
      });
      return;
    }
    const list = lists.listOf(site);
    const send = (version: ListVersion, body: ListBody): void => {
      sendVersion(request, response, { version, body, nowMs: now(), staleSinceMs });
      unsent.watch(response, body, `${listKeyOfSite(site)} ${body.contentEncoding ?? 'plain'}`);
    };
    const version = list.ready();
    if (!acceptsGzip(acceptEncoding)) {
      return version
        ? send(version, version.plain)
        : list.current().then((made) => send(made, made.plain));
    }
    if (version?.compressed) {
      return send(version, version.compressed);
    }
    if (version && holdsVersion(request, version, version.compressedEtag, now())) {
      return send(version, { ...version.plain, etag: version.compressedEtag });
    }
    return list.compressed().then((made) => send(made, made.compressed ?? made.plain));
  };
}
