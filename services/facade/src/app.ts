/** The application: which address leads to which route, and what all others get. */
import type { Logger } from '@conference/service-runtime';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import { sendFailure } from './answer.js';
import { asExchange, toExpressHandler, type ExchangeHandler } from './exchange.js';
import { isBadlyEncoded } from './request-guard.js';

const ALLOW = ['Allow', 'GET, HEAD'] as const;

export interface AppRoutes {
  readonly list: ExchangeHandler;
  readonly capabilities: ExchangeHandler;
  readonly livez: ExchangeHandler;
  readonly readyz: ExchangeHandler;
  readonly metrics: ExchangeHandler;
  readonly openApi: ExchangeHandler;
  readonly docsPage: ExchangeHandler;
  readonly docsStart: ExchangeHandler;
  readonly docsScript: ExchangeHandler;
}

export interface AppOptions {
  readonly routes: AppRoutes;
  readonly logger: Logger;
  /** Addresses and ranges whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
}

/** Composes the application. It does not listen; responses must be made as `exchange` says. */
export function createApp({ routes, logger, trustedProxies }: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.enable('case sensitive routing');
  app.enable('strict routing');
  app.set('trust proxy', [...trustedProxies]);

  const page = protectPage();
  serve(app, '/v1/conference.json', routes.list);
  serve(app, '/v1/capabilities.json', routes.capabilities);
  serve(app, '/livez', routes.livez);
  serve(app, '/readyz', routes.readyz);
  serve(app, '/metrics', routes.metrics);
  serve(app, '/openapi.json', routes.openApi);
  serve(app, '/docs', routes.docsPage, page);
  serve(app, '/docs/start.js', routes.docsStart, page);
  serve(app, '/docs/reference.js', routes.docsScript, page);
  app.use(toExpressHandler(answerUnknown));
  app.use(createErrorHandler(logger));
  return app;
}

/** GET brings HEAD with it; every other method is refused, OPTIONS too. */
function serve(
  app: Express,
  path: string,
  handler: ExchangeHandler,
  ...before: RequestHandler[]
): void {
  app
    .route(path)
    .get(...before, toExpressHandler(handler))
    .all(
      toExpressHandler((_request, response) =>
        sendFailure(response, 'method-not-allowed', { headers: ALLOW }),
      ),
    );
}

const answerUnknown: ExchangeHandler = (request, response) =>
  sendFailure(response, isBadlyEncoded(request.url ?? '') ? 'request-malformed' : 'route-unknown');

/** For HTML alone: of no use to JSON. Styles inside the page are the reference's own. */
function protectPage(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: false,
  });
}

/** Whatever a route threw: the log has it, the client gets its request id. */
function createErrorHandler(logger: Logger): ErrorRequestHandler {
  return (err, request, expressResponse, _next) => {
    const response = asExchange(expressResponse);
    const { requestId } = response;
    logger.error({ err: err as unknown, requestId, method: request.method }, 'a route failed');
    if (response.headersSent) {
      response.destroy();
    } else {
      sendFailure(response, 'internal-error');
    }
  };
}
