/** One request and its answer, with what every answer needs beside them. */
import type { Express, RequestHandler } from 'express';
import { randomBytes } from 'node:crypto';
import { IncomingMessage, ServerResponse, type ServerOptions } from 'node:http';

/** The addresses of the API, as few fixed names, for metrics. */
export type RouteName =
  'list' | 'capabilities' | 'livez' | 'readyz' | 'metrics' | 'openapi' | 'docs' | 'unknown';

export type ExchangeRequest = IncomingMessage;

export interface ExchangeResponse extends ServerResponse {
  /** Unique among all facades; in the `X-Request-Id` header and in the log. */
  readonly requestId: string;
  /** By the monotonic clock, in ms. */
  readonly startedAtMs: number;
  routeName: RouteName;
}

/** Answers one request. A promise that is rejected becomes an `internal-error`. */
export type ExchangeHandler = (
  request: ExchangeRequest,
  response: ExchangeResponse,
) => void | Promise<void>;

const processPart = randomBytes(6).toString('base64url');
let requestCount = 0;

/** A new request id. */
export function nextRequestId(): string {
  requestCount += 1;
  return `${processPart}-${requestCount.toString(36)}`;
}

/**
 * Classes whose instances already have the prototypes that Express gives to every request and
 * response. Express swaps the prototypes of each pair it handles, which makes the engine forget
 * all it knows of their shape and costs several times what the rest of Express does; with these
 * classes there is nothing to swap.
 */
export function adoptExpressPrototypes(
  app: Express,
): Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'> {
  class AdoptedRequest extends IncomingMessage {}
  class AdoptedResponse extends ServerResponse implements ExchangeResponse {
    readonly requestId = nextRequestId();
    readonly startedAtMs = performance.now();
    routeName: RouteName = 'unknown';
  }
  Object.setPrototypeOf(AdoptedRequest.prototype, app.request);
  Object.setPrototypeOf(AdoptedResponse.prototype, app.response);
  Object.assign(app, { request: AdoptedRequest.prototype, response: AdoptedResponse.prototype });
  return {
    IncomingMessage: AdoptedRequest,
    ServerResponse: AdoptedResponse as unknown as typeof ServerResponse,
  };
}

/** A response that the server made with the classes above. */
export function asExchange(response: ServerResponse): ExchangeResponse {
  return response as ExchangeResponse;
}

/** A handler as Express wants it. */
export function toExpressHandler(handler: ExchangeHandler): RequestHandler {
  return (request, response) => handler(request, asExchange(response));
}
