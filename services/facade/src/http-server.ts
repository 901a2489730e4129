/** The HTTP server around the application: limits, time-outs, and what Node answers by itself. */
import type { Logger } from '@conference/service-runtime';
import type { Express } from 'express';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { sendFailure } from './answer.js';
import { Connections } from './connections.js';
import { adoptExpressPrototypes, asExchange, type ExchangeResponse } from './exchange.js';
import type { FacadeMetrics } from './facade-metrics.js';
import { codeOfClientError, endWithFailure } from './raw-answer.js';
import { drainBody, hasBodyOfUnknownLength, refusalOf } from './request-guard.js';
import type { FacadeSettings } from './settings.js';

export interface HttpServerOptions {
  readonly app: Express;
  readonly settings: FacadeSettings;
  readonly logger: Logger;
  readonly metrics: FacadeMetrics;
}

/** Makes the server, not yet listening. */
export function createHttpServer(options: HttpServerOptions): Server {
  const { app, settings, metrics } = options;
  const answeredEarly = new WeakSet<Duplex>();
  const answeredBesides = new WeakSet<Duplex>();
  const connections = new Connections({
    maxConnections: settings.maxConnections,
    answerTimeoutMs: settings.answerTimeoutMs,
    onCut: (reason) => metrics.countCut(reason),
  });
  const recordEnd = createRecorder(options, { answeredEarly, answeredBesides, connections });

  /** Undefined where the connection is cut, so that there is nothing to answer. */
  const begin = (made: ServerResponse): ExchangeResponse | undefined => {
    if (!connections.begin(made.req.socket)) return undefined;
    const response = asExchange(made);
    response.once('close', recordEnd);
    return response;
  };
  const answer = app as unknown as RequestListener;
  const handle = (request: IncomingMessage, made: ServerResponse): void => {
    const response = begin(made);
    if (response === undefined) return;
    const refusal = refusalOf(request, settings.maxBodyBytes);
    // What follows on the connection may be meant otherwise than it looks, and after the offer of
    // another protocol Node reads none of what came along with it.
    if (refusal === 'request-malformed' || request.headers.upgrade !== undefined) {
      response.shouldKeepAlive = false;
    }
    if (refusal !== undefined) {
      sendFailure(response, refusal);
    } else if (hasBodyOfUnknownLength(request)) {
      void drainBody(request, settings.maxBodyBytes).then((isWithinLimit) => {
        if (isWithinLimit) {
          answer(request, response);
        } else {
          sendFailure(response, 'body-too-large');
        }
      });
    } else {
      answer(request, response);
    }
  };

  const server = createServer(
    {
      ...adoptExpressPrototypes(app),
      maxHeaderSize: settings.maxHeaderBytes,
      headersTimeout: Math.min(settings.headersTimeoutMs, settings.requestTimeoutMs),
      requestTimeout: settings.requestTimeoutMs,
      keepAliveTimeout: settings.keepAliveTimeoutMs,
      connectionsCheckingInterval: Math.min(1000, settings.headersTimeoutMs),
      requireHostHeader: false,
      insecureHTTPParser: false,
    },
    handle,
  );
  server.timeout = settings.idleTimeoutMs;
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });

  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (refusalOf(request, settings.maxBodyBytes) === undefined) {
      response.writeContinue();
    }
    handle(request, response);
  });
  server.on('checkExpectation', (_request: IncomingMessage, made: ServerResponse) => {
    const response = begin(made);
    if (response !== undefined) sendFailure(response, 'expectation-failed');
  });
  server.on('clientError', (error: Error, socket: Duplex) => {
    const code = codeOfClientError(error);
    if (code === undefined || answeredEarly.has(socket)) {
      socket.destroy();
    } else {
      const onAnswered = (): void => {
        answeredBesides.add(socket);
        metrics.countUnparsed(code);
      };
      endWithFailure(socket, code, { onAnswered });
    }
  });
  server.on('connect', (_request, socket: Duplex) => {
    const code = 'method-not-allowed';
    const onAnswered = (): void => metrics.countUnparsed(code);
    // Node lets go of such a connection, its errors included.
    socket.on('error', () => socket.destroy());
    endWithFailure(socket, code, { headers: ['Allow: GET, HEAD'], onAnswered });
  });
  return server;
}

interface ConnectionRecords {
  /**
   * Connections whose request was answered before all of it had come: should the rest never come,
   * there is nothing more to answer.
   */
  readonly answeredEarly: WeakSet<Duplex>;
  /** Connections whose last answer was not written by a response, and was counted already. */
  readonly answeredBesides: WeakSet<Duplex>;
  readonly connections: Connections;
}

/** Counts each answer; logs only the failed and the slow, since a line for each costs more than it. */
function createRecorder(
  { settings, logger, metrics }: HttpServerOptions,
  { answeredEarly, answeredBesides, connections }: ConnectionRecords,
) {
  return function recordEnd(this: ExchangeResponse): void {
    const durationMs = performance.now() - this.startedAtMs;
    connections.end(this.req.socket);
    if (!this.req.complete) {
      answeredEarly.add(this.req.socket);
    }
    // Until a head is sent, Node's status is a 200 that nobody said.
    const status = this.headersSent ? this.statusCode : 'aborted';
    if (status !== 'aborted') {
      metrics.recordAnswer(this.routeName, status, durationMs);
    } else if (!answeredBesides.has(this.req.socket)) {
      metrics.countAborted(this.routeName);
    }
    if (status === 500 || durationMs > settings.slowRequestMs) {
      logger.warn(
        {
          requestId: this.requestId,
          method: this.req.method,
          route: this.routeName,
          status,
          durationMs: Math.round(durationMs),
          isWhole: this.writableFinished,
        },
        'a request failed or was slow',
      );
    }
  };
}
