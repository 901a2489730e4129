/**
 * Answers to what never became a request: broken HTTP, too large heads, heads that came too
 * slowly. Node raises these beside the application, so the answer is written by hand.
 */
import { buildFailure, REQUEST_ID_HEADER, type RestErrorCode } from '@conference/rest-contract';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { JSON_TYPE } from './answer.js';
import { nextRequestId } from './exchange.js';

/** How long a client may go on sending before the connection is cut; it may yet read the answer. */
const LINGER_MS = 1000;

/** What Node calls the failures of parsing and waiting. */
const CODE_OF_NODE_ERROR: Readonly<Record<string, RestErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'body-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
};

/** The code for an error of Node's parser or timers; undefined where the client is simply gone. */
export function codeOfClientError(error: Error): RestErrorCode | undefined {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = CODE_OF_NODE_ERROR[code];
  return known ?? (code.startsWith('HPE_') ? 'request-malformed' : undefined);
}

/** The bytes of a failure as a whole HTTP answer that ends the connection. */
export function rawFailure(code: RestErrorCode, headers: readonly string[] = []): string {
  const envelope = buildFailure(code);
  const body = JSON.stringify(envelope);
  return [
    `HTTP/1.1 ${envelope.resultCode} ${STATUS_CODES[envelope.resultCode]}`,
    `Content-Type: ${JSON_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    `${REQUEST_ID_HEADER}: ${nextRequestId()}`,
    ...headers,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}

/** Node attaches the response that is being answered to its socket. */
interface AnsweringSocket {
  readonly _httpMessage?: { readonly headersSent: boolean } | null;
}

/**
 * Answers on a connection and ends it. Says nothing where that would land in the middle of an
 * answer that has begun: then only cutting the connection is unmistakable.
 */
export function endWithFailure(
  socket: Duplex & AnsweringSocket,
  code: RestErrorCode,
  headers?: readonly string[],
): boolean {
  if (socket.writableEnded) {
    return false;
  }
  if (!socket.writable || socket._httpMessage?.headersSent === true) {
    socket.destroy();
    return false;
  }
  socket.end(rawFailure(code, headers));
  const cutting = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(cutting));
  return true;
}
