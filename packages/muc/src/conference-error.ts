/**
 * The closed list of failures that this project's own code reports. Expected refusals are values
 * and not errors; a foreign failure is translated into one of these once, at the edge.
 */
export const ERROR_CODES = [
  /** A setting or a file that configures us is missing or wrong. */
  'configuration-invalid',
  /** The connection to the XMPP server is not up, or went away during the request. */
  'xmpp-unavailable',
  /** The XMPP server refuses the component: wrong secret, unknown host, domain already held. */
  'xmpp-refused',
  /** The other side answered a request with a stanza error. */
  'stanza-error',
  /** No answer within the deadline. */
  'timeout',
  /** An answer that breaks its specification, or a list that contradicts its own count. */
  'protocol-violation',
  /** The store cannot be reached, is read-only, full or loading. */
  'store-unavailable',
  /** Another tracker holds the lease: it alone follows the service and writes. */
  'lease-held',
  /** Another writer took over: this one may write nothing more. */
  'writer-fenced',
  /** The store no longer holds what this writer wrote: everything must be written again. */
  'store-lost',
  /** The reader's place in the change stream is gone: a snapshot must be read. */
  'cursor-lost',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export interface ConferenceErrorOptions {
  readonly cause?: unknown;
  /** Whether the same call may succeed later without anybody changing anything. */
  readonly isRetryable?: boolean;
  /** For `stanza-error`: the defined condition, e.g. `item-not-found` (RFC 6120, 8.3.3). */
  readonly condition?: string;
}

/** The one error class: a code from the closed list, a sentence for people, a cause. */
export class ConferenceError extends Error {
  override readonly name = 'ConferenceError';
  readonly code: ErrorCode;
  readonly isRetryable: boolean;
  readonly condition: string | undefined;

  constructor(code: ErrorCode, message: string, options: ConferenceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.isRetryable = options.isRetryable ?? false;
    this.condition = options.condition;
  }
}

/** Tells whether a caught value is a failure of this project with the given code. */
export function hasCode(error: unknown, code: ErrorCode): error is ConferenceError {
  return error instanceof ConferenceError && error.code === code;
}
