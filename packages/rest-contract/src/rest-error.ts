/**
 * The closed list of failures that a REST client can see, and the one table from code to HTTP.
 * `docs/errors.md` lists the same codes; a test holds both together.
 */

export interface RestErrorDefinition {
  /** The HTTP status, which the envelope repeats as `resultCode`. */
  readonly status: number;
  /** The sentence for people that an answer carries unless it has a better one. */
  readonly message: string;
}

export const REST_ERRORS = {
  'request-malformed': {
    status: 400,
    message: 'The request breaks the syntax of HTTP or of this API.',
  },
  'credentials-invalid': {
    status: 401,
    message: 'Authenticate with HTTP Basic: the siteId as user, an apiKey of the site as password.',
  },
  'route-unknown': { status: 404, message: 'There is nothing at this address.' },
  'method-not-allowed': {
    status: 405,
    message: 'This address does not take this method; see the Allow header.',
  },
  'request-timeout': { status: 408, message: 'The request did not arrive whole in time.' },
  'body-too-large': { status: 413, message: 'The body of the request is too large.' },
  'target-too-long': { status: 414, message: 'The address of the request is too long.' },
  'expectation-failed': { status: 417, message: 'The Expect header asks for what is not offered.' },
  'too-many-failures': {
    status: 429,
    message: 'Too many failed attempts to authenticate from this address; see Retry-After.',
  },
  'headers-too-large': { status: 431, message: 'The headers of the request are too large.' },
  'internal-error': {
    status: 500,
    message: 'The service failed; the request id leads to the log.',
  },
  'picture-incomplete': {
    status: 503,
    message: 'The rooms have not all been read from the MUC server yet; see Retry-After.',
  },
  'capabilities-unknown': {
    status: 503,
    message: 'It is not known yet how the MUC service is followed; see Retry-After.',
  },
  'not-ready': { status: 503, message: 'Something that this service depends on is not ready.' },
} as const satisfies Record<string, RestErrorDefinition>;

/** A code that an answer can carry in `error[].code`. */
export type RestErrorCode = keyof typeof REST_ERRORS;

/** Every code, in the order of the table. */
export const REST_ERROR_CODES = Object.keys(REST_ERRORS) as [RestErrorCode, ...RestErrorCode[]];
