/** What every request must hold to before any route sees it. */
import type { RestErrorCode } from '@conference/rest-contract';
import type { IncomingMessage } from 'node:http';

const MAX_TARGET_LENGTH = 4096;

/** The reason to refuse a request by its head alone, or undefined. */
export function refusalOf(
  request: IncomingMessage,
  maxBodyBytes: number,
): RestErrorCode | undefined {
  if (countHosts(request) !== 1 && !(request.httpVersion === '1.0' && countHosts(request) === 0)) {
    return 'request-malformed';
  }
  // RFC 9112, 6.1: HTTP/1.0 knows no encodings, so that a proxy may see the end elsewhere.
  if (request.httpVersion === '1.0' && hasBodyOfUnknownLength(request)) {
    return 'request-malformed';
  }
  if ((request.url ?? '').length > MAX_TARGET_LENGTH) {
    return 'target-too-long';
  }
  const length = request.headers['content-length'];
  return length !== undefined && Number(length) > maxBodyBytes ? 'body-too-large' : undefined;
}

/** RFC 9112, 3.2: no Host, or more than one, is an error of the client. */
function countHosts(request: IncomingMessage): number {
  const { rawHeaders } = request;
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name !== undefined && name.length === 4 && name.toLowerCase() === 'host') {
      count += 1;
    }
  }
  return count;
}

/** Tells whether the head leaves open how long the body is. */
export function hasBodyOfUnknownLength(request: IncomingMessage): boolean {
  return request.headers['transfer-encoding'] !== undefined;
}

/**
 * Reads a body of unknown length to its end, for nobody.
 * @returns whether it stayed within the limit; what comes past the limit is drained unseen
 */
export function drainBody(request: IncomingMessage, maxBodyBytes: number): Promise<boolean> {
  return new Promise((resolve) => {
    let receivedBytes = 0;
    request.on('data', (chunk: Buffer) => {
      receivedBytes += chunk.length;
      if (receivedBytes > maxBodyBytes) {
        resolve(false);
      }
    });
    request.once('end', () => resolve(true));
  });
}

/** Tells whether the path of a request target has a percent sign that encodes nothing. */
export function isBadlyEncoded(target: string): boolean {
  try {
    decodeURIComponent(target.split('?', 1)[0] ?? '');
    return false;
  } catch (error) {
    if (error instanceof URIError) {
      return true;
    }
    throw error;
  }
}
