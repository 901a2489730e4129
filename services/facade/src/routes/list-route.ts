/** `GET /v1/conference.json`: the rooms of a site. */
import { REQUEST_ID_HEADER, STALE_SINCE_HEADER } from '@conference/rest-contract';
import { JSON_TYPE, sendFailure } from '../answer.js';
import type { Authenticator } from '../authenticator.js';
import { acceptsGzip, isUnmodified, lastModifiedMs, namesEtag } from '../conditional-request.js';
import type { ExchangeHandler, ExchangeRequest, ExchangeResponse } from '../exchange.js';
import type { ListBody, ListVersion } from '../list-version.js';
import type { RoomLists } from '../room-lists.js';
import { trustOf, type ListTrust, type ServicePicture } from '../service-picture.js';
import type { CredentialsRefuser } from '../credentials-refuser.js';

const RETRY_AFTER_SECONDS = '1';

export interface ListRouteOptions {
  readonly authenticator: Authenticator;
  readonly pictures: readonly ServicePicture[];
  readonly lists: Pick<RoomLists, 'listOf'>;
  readonly refuseCredentials: CredentialsRefuser;
  /** The time in ms since 1970. */
  readonly now: () => number;
}

export function createListRoute(options: ListRouteOptions): ExchangeHandler {
  const { authenticator, pictures, lists, refuseCredentials, now } = options;
  return (request, response) => {
    response.routeName = 'list';
    const { authorization, 'accept-encoding': acceptEncoding } = request.headers;
    const site =
      authorization === undefined ? undefined : authenticator.authenticate(authorization);
    if (!site) {
      return refuseCredentials(request, response);
    }
    const trust = trustOf(site.rooms, pictures);
    if (!trust.isWhole) {
      sendFailure(response, 'picture-incomplete', {
        headers: ['Retry-After', RETRY_AFTER_SECONDS],
      });
      return;
    }
    const list = lists.listOf(site);
    const version = list.current();
    if (!acceptsGzip(acceptEncoding)) {
      sendList(request, response, { version, body: version.plain, trust, nowMs: now() });
      return;
    }
    const { compressed, compressedEtag } = version;
    if (compressed || holdsList(request, version, compressedEtag, now())) {
      const body = compressed ?? { ...version.plain, etag: compressedEtag };
      sendList(request, response, { version, body, trust, nowMs: now() });
      return;
    }
    return list.compressed().then((made) => {
      const body = made.compressed ?? made.plain;
      sendList(request, response, { version: made, body, trust, nowMs: now() });
    });
  };
}

interface ListToSend {
  readonly version: ListVersion;
  readonly body: ListBody;
  readonly trust: ListTrust;
  readonly nowMs: number;
}

function sendList(request: ExchangeRequest, response: ExchangeResponse, list: ListToSend): void {
  const { version, body, trust, nowMs } = list;
  const headers = [
    'ETag',
    body.etag,
    'Last-Modified',
    version.lastModified(lastModifiedMs(version.modifiedAtMs, nowMs)),
    'Cache-Control',
    'private, no-cache',
    'Vary',
    'Authorization, Accept-Encoding',
    'X-Content-Type-Options',
    'nosniff',
    REQUEST_ID_HEADER,
    response.requestId,
  ];
  if (trust.staleSinceMs !== undefined) {
    headers.push(STALE_SINCE_HEADER, new Date(trust.staleSinceMs).toISOString());
  }
  if (holdsList(request, version, body.etag, nowMs)) {
    response.writeHead(304, headers);
    response.end();
    return;
  }
  headers.push('Content-Type', JSON_TYPE, 'Content-Length', String(body.bytes.length));
  if (body.contentEncoding !== undefined) {
    headers.push('Content-Encoding', body.contentEncoding);
  }
  response.writeHead(200, headers);
  response.end(body.bytes);
}

/** Tells whether the client has this list already; where it names ETags, dates do not count. */
function holdsList(
  request: ExchangeRequest,
  version: ListVersion,
  etag: string,
  nowMs: number,
): boolean {
  const { 'if-none-match': ifNoneMatch, 'if-modified-since': ifModifiedSince } = request.headers;
  if (ifNoneMatch !== undefined) {
    return namesEtag(ifNoneMatch, etag);
  }
  return (
    ifModifiedSince !== undefined && isUnmodified(ifModifiedSince, version.modifiedAtMs, nowMs)
  );
}
