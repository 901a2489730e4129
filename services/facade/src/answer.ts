/** How answers are sent: always with a request id, failures always as the envelope. */
import {
  buildFailure,
  REQUEST_ID_HEADER,
  type ErrorEntry,
  type RestErrorCode,
} from '@conference/rest-contract';
import type { ExchangeResponse } from './exchange.js';

export const JSON_TYPE = 'application/json; charset=utf-8';

/** Header names and values, one after the other. */
export type FlatHeaders = readonly string[];

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Buffer;
  readonly headers?: FlatHeaders;
}

/** Sends an answer that is not to be kept by anybody. Of a HEAD, Node leaves the body out. */
export function sendAnswer(response: ExchangeResponse, answer: Answer): void {
  response.writeHead(answer.status, [
    'Content-Type',
    answer.contentType,
    'Content-Length',
    String(Buffer.byteLength(answer.body)),
    'Cache-Control',
    'no-store',
    'X-Content-Type-Options',
    'nosniff',
    REQUEST_ID_HEADER,
    response.requestId,
    ...(answer.headers ?? []),
  ]);
  response.end(answer.body);
}

/** Sends a value as JSON, status 200. */
export function sendJson(response: ExchangeResponse, value: unknown): void {
  sendAnswer(response, { status: 200, contentType: JSON_TYPE, body: JSON.stringify(value) });
}

export interface FailureOptions {
  /** What is wrong, one by one; without it the sentence of the code. */
  readonly entries?: readonly Omit<ErrorEntry, 'code'>[];
  readonly headers?: FlatHeaders;
}

/** Sends the envelope of a failure, with the status of its code. */
export function sendFailure(
  response: ExchangeResponse,
  code: RestErrorCode,
  options: FailureOptions = {},
): void {
  const envelope = buildFailure(code, options.entries);
  sendAnswer(response, {
    status: envelope.resultCode,
    contentType: JSON_TYPE,
    body: JSON.stringify(envelope),
    headers: options.headers ?? [],
  });
}
