/** The one answer to whoever did not prove to be a site. */
import { sendFailure } from './answer.js';
import type { ExchangeRequest, ExchangeResponse } from './exchange.js';
import type { FacadeMetrics } from './facade-metrics.js';
import type { FailureLimiter } from './failure-limiter.js';

/** Refuses a request. @see createCredentialsRefuser */
export type CredentialsRefuser = (
  request: ExchangeRequest,
  response: ExchangeResponse,
) => Promise<void>;

export interface CredentialsRefuserOptions {
  readonly limiter: FailureLimiter;
  readonly metrics: FacadeMetrics;
  /** The client's address, trusted proxies taken into account. */
  readonly addressOf: (request: ExchangeRequest) => string;
}

/**
 * Answers 401, or 429 where one address failed too often. A request without credentials is no
 * attempt and is not counted: many HTTP clients send each request so first, and the credentials
 * only when asked for them.
 */
export function createCredentialsRefuser(options: CredentialsRefuserOptions): CredentialsRefuser {
  const { limiter, metrics, addressOf } = options;
  return async (request, response) => {
    if (request.headers.authorization !== undefined) {
      metrics.countAuthFailure();
      const waitSeconds = await limiter.count(addressOf(request));
      if (waitSeconds !== undefined) {
        sendFailure(response, 'too-many-failures', {
          headers: ['Retry-After', String(waitSeconds)],
        });
        return;
      }
    }
    sendFailure(response, 'credentials-invalid', {
      headers: ['WWW-Authenticate', 'Basic realm="conference", charset="UTF-8"'],
    });
  };
}
