/**
 * Answers to what never became a request: broken HTTP, too large heads, heads that came too
 * slowly. Node raises these beside the application, so the answer is written by hand.
 */
import { buildFailure, REQUEST_ID_HEADER, type RestErrorCode } from '@conference/rest-contract';
import { STATUS_CODES, type ServerResponse } from 'node:http';
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

/** Node attaches the response that is due next to its socket. */
interface AnsweringSocket {
  readonly _httpMessage?: ServerResponse | null;
}

/**
 * Answers on a connection and ends it, after the answers that are still due to earlier requests:
 * whoever pipelines takes the first answer for that of the first request.
 * @param onAnswered called if the answer was given
 */
export function endWithFailure(
  socket: Duplex & AnsweringSocket,
  code: RestErrorCode,
  options: { readonly headers?: readonly string[]; readonly onAnswered?: () => void } = {},
): void {
  if (socket.writableEnded) {
    return;
  }
  const { _httpMessage: due } = socket;
  const isOfFailedRequest = due?.req.complete === false;
  if (!socket.writable || (isOfFailedRequest && due?.headersSent)) {
    socket.destroy();
    return;
  }
  if (due && !isOfFailedRequest) {
    due.once('close', () => setImmediate(() => endWithFailure(socket, code, options)));
    return;
  }
  socket.end(rawFailure(code, options.headers));
  const cutting = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(cutting));
  options.onAnswered?.();
}
