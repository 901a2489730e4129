/** How a list is answered that is kept as bytes: conditions, ETags and dates, staleness. */
import { REQUEST_ID_HEADER, STALE_SINCE_HEADER } from '@conference/rest-contract';
import { JSON_TYPE } from './answer.js';
import { isUnmodified, lastModifiedMs, namesEtag } from './conditional-request.js';
import type { ExchangeRequest, ExchangeResponse } from './exchange.js';
import type { ListBody, ListVersion } from './list-version.js';

/** What is sent, and what it is worth. */
export interface VersionToSend {
  readonly version: ListVersion;
  readonly body: ListBody;
  readonly nowMs: number;
  /** Since when what it says is not followed, in ms since 1970; absent while it is. */
  readonly staleSinceMs?: number | undefined;
}

/** Sends a version, or 304 to who holds it. Of a HEAD, Node leaves the body out. */
export function sendVersion(
  request: ExchangeRequest,
  response: ExchangeResponse,
  toSend: VersionToSend,
): void {
  const { version, body, nowMs, staleSinceMs } = toSend;
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
  if (staleSinceMs !== undefined) {
    headers.push(STALE_SINCE_HEADER, new Date(staleSinceMs).toISOString());
  }
  if (holdsVersion(request, version, body.etag, nowMs)) {
    response.writeHead(304, headers);
    response.end();
    return;
  }
  headers.push('Content-Type', JSON_TYPE, 'Content-Length', String(body.byteCount));
  if (body.contentEncoding !== undefined) {
    headers.push('Content-Encoding', body.contentEncoding);
  }
  response.writeHead(200, headers);
  sendBuffers(response, body.buffers);
}

/** All in one system call, as far as the client takes them. */
function sendBuffers(response: ExchangeResponse, buffers: readonly Buffer[]): void {
  const last = buffers.length - 1;
  if (last > 0) {
    response.cork();
    for (let index = 0; index < last; index += 1) {
      response.write(buffers[index]);
    }
  }
  response.end(buffers[last]);
}

/** Tells whether the client has this version already; where it names ETags, dates do not count. */
export function holdsVersion(
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
