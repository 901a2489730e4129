/** What did not arrive of a feed, so that everything must be read again. */
import { ConferenceError } from '@conference/muc';

/** A `protocol-violation` after which the feed begins anew. */
export function missedPart(message = 'part of the feed did not arrive'): ConferenceError {
  return new ConferenceError('protocol-violation', message, { isRetryable: true });
}
