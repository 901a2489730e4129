/** `GET /v1/capabilities.json`: what is known of the MUC services that a site may see. */
import { sendFailure } from '../answer.js';
import type { Authenticator } from '../authenticator.js';
import type { CapabilityAnswers } from '../capability-answers.js';
import { acceptsGzip } from '../conditional-request.js';
import type { CredentialsRefuser } from '../credentials-refuser.js';
import type { ExchangeHandler } from '../exchange.js';
import { sendVersion } from '../version-answer.js';

const RETRY_AFTER_SECONDS = '1';

export interface CapabilitiesRouteOptions {
  readonly authenticator: Authenticator;
  readonly answers: Pick<CapabilityAnswers, 'currentFor'>;
  readonly refuseCredentials: CredentialsRefuser;
  /** The time in ms since 1970. */
  readonly now: () => number;
}

export function createCapabilitiesRoute(options: CapabilitiesRouteOptions): ExchangeHandler {
  const { authenticator, answers, refuseCredentials, now } = options;
  return async (request, response) => {
    response.routeName = 'capabilities';
    const { authorization, 'accept-encoding': acceptEncoding } = request.headers;
    const site =
      authorization === undefined ? undefined : authenticator.authenticate(authorization);
    if (!site) {
      await refuseCredentials(request, response);
      return;
    }
    const version = answers.currentFor(site.rooms);
    if (!version) {
      sendFailure(response, 'capabilities-unknown', {
        headers: ['Retry-After', RETRY_AFTER_SECONDS],
      });
      return;
    }
    const body = acceptsGzip(acceptEncoding) ? await version.compress() : version.plain;
    sendVersion(request, response, { version, body, nowMs: now() });
  };
}
